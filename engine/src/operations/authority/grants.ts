import { ENDPOINTS, PERMISSIONS, type Permission, TOOLS } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { Caller } from '../context.ts'
import { closestTo } from '../validation/closest.ts'

/** Whether a key's list allows something: by the permission that it takes, or by one of its names (an operation and its tool may differ). */
export function permits(caller: Pick<Caller, 'operations'>, permission: Permission, ...names: readonly string[]): boolean {
  const { operations } = caller
  return operations === null || operations.includes(permission) || names.some((name) => operations.includes(name))
}

/** Whether the caller may do all that a list allows: nobody makes or takes over a key that may do more than themselves. */
export function coversAll(caller: Caller, operations: readonly string[] | null): boolean {
  if (caller.operations === null) return true
  if (operations === null) return false
  return operations.every((name) => coversOne(caller, name))
}

/**
 * What a new key of an agent (or of none: null) may do: names of operations and tools or whole permissions that exist, and never more than its maker may.
 * An agent's key reports and uses tools, because what other operations read is not limited to one agent.
 */
export function grantedTo(agent: string | null, asked: readonly string[], caller: Caller): Result<readonly string[]> {
  for (const [index, name] of asked.entries()) {
    const path = `/operations/${index}`
    const permission = permissionOf(name)
    if (permission === null) return fail(refusal('invalid_field', unknownName(name), { path }))
    if (agent !== null && permission !== 'report' && !isTool(name)) {
      return fail(
        refusal('invalid_field', `the key of an agent can report and use tools, and "${name}" concerns other agents too`, { path }),
      )
    }
    if (!coversOne(caller, name)) return fail(refusal('forbidden', `this key may not hand on "${name}"`, { path }))
  }
  return ok([...new Set(asked)])
}

function coversOne(caller: Caller, name: string): boolean {
  const permission = permissionOf(name)
  return permission === null ? caller.operations?.includes(name) !== false : permits(caller, permission, name)
}

/** Of a permission itself, of an operation, or of a tool; null for a name that is none of them. */
function permissionOf(name: string): Permission | null {
  return GRANTS.get(name) ?? null
}

function isTool(name: string): boolean {
  return TOOLS.some(({ tool }) => tool === name)
}

const GRANTS: ReadonlyMap<string, Permission> = new Map([
  ...TOOLS.map(({ tool, permission }): [string, Permission] => [tool, permission]),
  ...ENDPOINTS.flatMap(({ operation, permission }): [string, Permission][] => (permission === 'open' ? [] : [[operation, permission]])),
  ...PERMISSIONS.map((permission): [string, Permission] => [permission, permission]),
])

function unknownName(name: string): string {
  const closest = closestTo(name, [...GRANTS.keys()])
  const hint = closest === null ? '' : `; did you mean "${closest}"?`
  return `"${name}" is none of ${PERMISSIONS.join(', ')} and no operation or tool has this name${hint}`
}
