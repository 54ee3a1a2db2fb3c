import type { Rule, Violation } from './rule.ts'
import { lineAt } from './source-text.ts'

// Put together so that this file does not name one itself. Recorded fixtures may tell of other people's home folders.
const ROOTS = ['wo' + 'rk', 'fa' + 'rm', 'ro' + 'ot', 'tmp/[a-z]+\\.[0-9]']
const HOMES = ['ho' + 'me/[a-z]', 'Us' + 'ers/[a-z]']
const BEFORE = '(?:^|[^A-Za-z0-9_.~/-])'
const ANY_MACHINE = new RegExp(`${BEFORE}/(?:${ROOTS.join('|')})(?![\\w-])`, 'gm')
const ANY_HOME = new RegExp(`${BEFORE}/(?:${HOMES.join('|')})`, 'gmi')
const FIXTURES = /^conformance\/|\.test\.ts$/

/** Nothing that is committed knows the machine it was written on. */
export const machinePaths: Rule = {
  name: 'no paths of a machine',
  check: (files) => {
    const violations = files.flatMap((file): Violation[] => {
      const patterns = FIXTURES.test(file.path) ? [ANY_MACHINE] : [ANY_MACHINE, ANY_HOME]
      return patterns.flatMap((pattern) =>
        [...file.text.matchAll(pattern)].map((match) => ({
          path: file.path,
          line: lineAt(file.text, match.index),
          message: `names a path of one machine: ${match[0].trim()}`,
        })),
      )
    })
    return { seen: files.length, unit: 'files', violations }
  },
}
