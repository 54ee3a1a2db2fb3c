import { isWellFormedText } from '../../kernel/index.ts'

/** Whether every text of a checked input, names of members included, is well-formed. `open` are members whose value a schema leaves open: the raw words of a provider, or items that are checked one by one. */
export function isWellFormed(value: unknown, open: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return isWellFormedText(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every((item) => isWellFormed(item, NONE))
  for (const name in value) {
    if (open.has(name)) continue
    if (!isWellFormedText(name) || !isWellFormed((value as Record<string, unknown>)[name], NONE)) return false
  }
  return true
}

/** The JSON pointer of the first text that is not well-formed; of the object that holds it where the name of a member is not. Null without one. */
export function brokenTextAt(value: unknown, open: ReadonlySet<string>, path = ''): string | null {
  if (typeof value === 'string') return isWellFormedText(value) ? null : path
  if (typeof value !== 'object' || value === null) return null
  for (const [name, member] of Object.entries(value)) {
    if (!isWellFormedText(name)) return path
    if (open.has(name)) continue
    const found = brokenTextAt(member, NONE, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    if (found !== null) return found
  }
  return null
}

const NONE: ReadonlySet<string> = new Set()
