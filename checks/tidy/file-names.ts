import { posix } from 'node:path'
import type { Rule } from './rule.ts'
import { isSource } from './source-text.ts'

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const DRAWERS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'shared', 'stuff'])

/** Names say what is inside: kebab-case, and no drawer for odds and ends. */
export const fileNames: Rule = {
  name: 'file names',
  check: (files) => {
    const sources = files.filter(isSource)
    const violations = sources.flatMap(({ path }) => {
      const parts = path.split('/')
      const stem = posix.basename(path).split('.')[0] ?? ''
      const drawer = [...parts.slice(0, -1), stem].find((part) => DRAWERS.has(part))
      if (drawer !== undefined) return [{ path, message: `"${drawer}" does not say what is inside` }]
      return KEBAB.test(stem) ? [] : [{ path, message: 'is not in kebab-case' }]
    })
    return { seen: sources.length, unit: 'files', violations }
  },
}
