import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { type Counts, closingLine } from './counts.ts'

/**
 * Ends a test run with the tests that were skipped, by name, and one line of counts. Where `PURSER_COUNTS_FILE` names a file, the counts
 * are written there instead, for a program that runs more than the tests and closes with the sum.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    const counts = countsOf(modules, tests, unhandledErrors.length)
    if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((test) => `  ${nameOf(test)}`).join('\n')}`)

    const file = process.env.PURSER_COUNTS_FILE
    if (file === undefined) console.log(`\n${closingLine(counts)}`)
    else writeFileSync(file, JSON.stringify(counts))
  }
}

/** A file that could not be loaded and an error outside of any test are failures too; a run without tests is one. */
function countsOf(modules: readonly TestModule[], tests: readonly TestCase[], unhandled: number): Counts {
  const inState = (state: string): number => tests.filter((test) => test.result().state === state).length
  const unloadable = modules.filter((module) => module.errors().length > 0).length
  const unfinished = inState('pending')
  return {
    passed: inState('passed'),
    failed: inState('failed') + unfinished + unloadable + unhandled + (tests.length === 0 ? 1 : 0),
    skipped: inState('skipped'),
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId}: ${test.fullName}`
}
