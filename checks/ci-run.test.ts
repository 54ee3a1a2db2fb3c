import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ROOT } from './tidy/repository.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs the real script with an `npm` that does what a shell snippet says for each of its three uses. */
function runScript(behaviour: { readonly ci?: string; readonly check?: string; readonly test?: string }): {
  status: number | null
  lines: string[]
} {
  const folder = mkdtempSync(join(tmpdir(), 'purser-ci-'))
  folders.push(folder)
  mkdirSync(join(folder, '.ci'))
  mkdirSync(join(folder, 'bin'))
  copyFileSync(join(ROOT, '.ci/run'), join(folder, '.ci/run'))
  const npm = `#!/bin/sh
case "$*" in
  ci*) ${behaviour.ci ?? ':'} ;;
  run*check*) ${behaviour.check ?? writes(20, 0, 0)} ;;
  test*) ${behaviour.test ?? writes(300, 0, 0)} ;;
esac
`
  writeFileSync(join(folder, 'bin/npm'), npm)
  chmodSync(join(folder, 'bin/npm'), 0o755)
  // With it there, nothing is installed.
  writeFileSync(join(folder, 'bin/prometheus'), '#!/bin/sh\n')
  chmodSync(join(folder, 'bin/prometheus'), 0o755)
  const run = spawnSync('bash', [join(folder, '.ci/run')], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}` },
  })
  return { status: run.status, lines: run.stdout.trimEnd().split('\n') }
}

function writes(passed: number, failed: number, skipped: number): string {
  return `printf '{"passed":${passed},"failed":${failed},"skipped":${skipped}}' >"$PURSER_COUNTS_FILE"`
}

describe('.ci/run', () => {
  it('adds up the install, the checks and the tests, and says so once, last', () => {
    const run = runScript({ test: writes(300, 0, 4) })
    expect(run.lines.at(-1)).toBe('321 passed, 0 failed, 4 skipped')
    expect(run.lines.filter((line) => / passed, /.test(line))).toHaveLength(1)
    expect(run.status).toBe(0)
  })

  it('fails with a failed check, still runs the tests, and names what failed', () => {
    const run = runScript({ check: `${writes(19, 1, 0)}; exit 1` })
    expect(run.lines.at(-2)).toBe('Failed: checks (npm run check)')
    expect(run.lines.at(-1)).toBe('320 passed, 1 failed, 0 skipped')
    expect(run.status).toBe(1)
  })

  it('runs nothing on a failed install', () => {
    const run = runScript({ ci: 'exit 1' })
    expect(run.lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped')
    expect(run.status).toBe(1)
  })

  it.each([
    ['that stops before it has counted', 'exit 139', '21 passed, 1 failed, 0 skipped'],
    ['that fails though it counted no failure', `${writes(300, 0, 0)}; exit 1`, '321 passed, 1 failed, 0 skipped'],
    ['that counts a failure though it ends well', writes(299, 1, 0), '320 passed, 1 failed, 0 skipped'],
  ])('fails with a test run %s', (_, behaviour, line) => {
    const run = runScript({ test: behaviour })
    expect(run.lines.at(-1)).toBe(line)
    expect(run.status).toBe(1)
  })

  it('tells the programs that this is CI, and gives them nothing to read', () => {
    const run = runScript({ test: `read -r line && exit 3; [ "$CI" = true ] || exit 4; ${writes(1, 0, 0)}` })
    expect(run.status).toBe(0)
  })
})
