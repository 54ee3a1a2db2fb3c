import type { Rule, Violation } from './rule.ts'
import { isTest, lineAt, withoutComments } from './source-text.ts'

const SKIP = /\b(?:it|test|describe)\.(?:skip|skipIf|runIf|todo|fails)\b/g
/** How far behind the word the title of the test ends, at most. */
const TITLE_CHARS = 300
/** The reason itself, or the variable that holds it: `skipReason` of conformance/recorded.ts gives one. */
const REASON = /\bneeds\b|\bbecause\b|reason|\$\{skip/i

/** A test that does not run says why, in its name, where the report shows it. */
export const skippedTests: Rule = {
  name: 'skipped tests say why',
  check: (files) => {
    const tests = files.filter(isTest)
    const violations = tests.flatMap((file): Violation[] => {
      const code = withoutComments(file.text)
      return [...code.matchAll(SKIP)]
        .filter((match) => !REASON.test(code.slice(match.index, match.index + TITLE_CHARS)))
        .map((match) => ({ path: file.path, line: lineAt(code, match.index), message: 'skips a test without a reason in its name' }))
    })
    return { seen: tests.length, unit: 'test files', violations }
  },
}
