import type { Rule, SourceFile, Violation } from './rule.ts'
import { codeOnly, isSource, isTest, lineAt } from './source-text.ts'

/** A rule that finds a pattern in code (not in comments or strings) where it is not allowed. */
function codeRule(name: string, message: string, pattern: RegExp, allowed: (file: SourceFile) => boolean): Rule {
  return {
    name,
    check: (files) => {
      const sources = files.filter((file) => isSource(file) && !allowed(file))
      const violations = sources.flatMap((file): Violation[] => {
        const code = codeOnly(file.text)
        return [...code.matchAll(pattern)].map((match) => ({ path: file.path, line: lineAt(code, match.index), message }))
      })
      return { seen: sources.length, unit: 'files', violations }
    },
  }
}

/** Tools that load a configuration file demand a default export of it. */
const CONFIGURATION = /(?:^|\/)(?:vitest|vite)\.config\.ts$/
const SPEAKS = /^(?:engine\/src\/(?:surfaces\/cli\/|main\.ts$)|engine\/(?:backtest|bench|demo|sim)\/|checks\/|examples\/)/

/** A name is the same wherever it is imported. */
export const noDefaultExport = codeRule(
  'no default exports',
  'has a default export; name it',
  /^\s*export\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/gm,
  (file) => CONFIGURATION.test(file.path),
)

/** `any` switches the compiler off for everything it touches. */
export const noAny = codeRule(
  'no any',
  'uses the type `any`; say what it is, or `unknown`',
  /(?:[:<|&,(=]|\bas|\bextends)\s*any\b(?!\s*[:(.?])/g,
  () => false,
)

/** Only programs that talk to a person print; everything else returns, throws or logs through what it was given. */
export const noConsole = codeRule('no console output', 'writes to the console', /\bconsole\s*\./g, (file) => SPEAKS.test(file.path))

/** `process.exit` cuts off what is still being written. */
export const noProcessExit = codeRule('no process.exit', 'calls process.exit; set process.exitCode', /\bprocess\.exit\s*\(/g, () => false)

/** One committed `only` switches the other tests off without a sound. */
export const noFocusedTests: Rule = codeRule('no focused tests', 'runs only some of the tests', /\.only\s*[(.]/g, (file) => !isTest(file))
