import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ROOT } from './tidy/repository.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs Vitest with our reporter over one planted test file. */
function runTests(text: string, countsFile?: string): { status: number | null; output: string; counts: string | null } {
  const folder = mkdtempSync(join(tmpdir(), 'purser-report-'))
  folders.push(folder)
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `import { ClosingLineReporter } from ${JSON.stringify(join(ROOT, 'checks/closing-line-reporter.ts'))}\n` +
      `export default { root: import.meta.dirname, test: { globals: true, reporters: ['default', new ClosingLineReporter()] } }\n`,
  )
  writeFileSync(join(folder, 'planted.test.js'), text)
  const counts = countsFile === undefined ? undefined : join(folder, countsFile)
  const { PURSER_COUNTS_FILE: _, ...env } = process.env
  const run = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(folder, 'vitest.config.mjs')],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...env, NO_COLOR: '1', ...(counts === undefined ? {} : { PURSER_COUNTS_FILE: counts }) },
    },
  )
  return {
    status: run.status,
    output: run.stdout.trimEnd(),
    counts: counts !== undefined && existsSync(counts) ? readFileSync(counts, 'utf8') : null,
  }
}

function lastLine(output: string): string | undefined {
  return output.split('\n').at(-1)
}

const SKIP = `it${'.skip'}('needs a browser', () => {})\n`

describe('the closing line of a test run', () => {
  it('comes last, counts, and names what was skipped before it', () => {
    const run = runTests(`it('a', () => {})\nit('b', () => {})\ndescribe('group', () => {\n  ${SKIP}})\n`)
    expect(lastLine(run.output)).toBe('2 passed, 0 failed, 1 skipped')
    expect(run.output).toContain('Skipped:\n  planted.test.js: group > needs a browser')
    expect(run.status).toBe(0)
  })

  it('counts failures', () => {
    const run = runTests(`it('a', () => {})\nit('b', () => expect(1).toBe(2))\n`)
    expect(lastLine(run.output)).toBe('1 passed, 1 failed, 0 skipped')
    expect(run.status).not.toBe(0)
  })

  it.each([
    ['a file that cannot be loaded', `throw new Error('planted')\n`],
    ['a file without tests', 'export {}\n'],
    [
      'an error outside of any test',
      `it('a', () => { setTimeout(() => { throw new Error('planted') }, 0); return new Promise((r) => setTimeout(r, 50)) })\n`,
    ],
  ])('counts %s as a failure', (_, text) => {
    const run = runTests(text)
    expect(lastLine(run.output)).toMatch(/^\d+ passed, [1-9]\d* failed, 0 skipped$/)
    expect(run.status).not.toBe(0)
  })

  it('goes into a file for a program that adds up', () => {
    const run = runTests(`it('a', () => {})\n`, 'counts.json')
    expect(run.counts).toBe('{"passed":1,"failed":0,"skipped":0}')
    expect(run.output).not.toMatch(/^\d+ passed, \d+ failed, \d+ skipped$/m)
  })
})
