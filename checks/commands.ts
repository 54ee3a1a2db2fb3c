import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './tidy/repository.ts'

/** A check that is a program of its own. It passes when it exits with 0. */
export interface Command {
  readonly name: string
  readonly args: readonly string[]
}

// The programs are started by their files, not by names in node_modules/.bin, which another package may take over.
const TSC = 'node_modules/typescript/bin/tsc'
const BIOME = 'node_modules/@biomejs/biome/bin/biome'
const KNIP = 'node_modules/knip/bin/knip.js'

const COMPILE: Command = { name: 'types of what is built (tsc --build)', args: [TSC, '--build'] }
export const COMPILE_TESTS: Command = { name: 'types of tests and tools (tsc)', args: [TSC, '-p', 'tsconfig.test.json'] }
export const LINT: Command = { name: 'format and lint (biome)', args: [BIOME, 'check', '--error-on-warnings', '--max-diagnostics=50', '.'] }
export const UNUSED: Command = { name: 'nothing unused (knip)', args: [KNIP, '--no-progress'] }

export const COMMANDS: readonly Command[] = [COMPILE, COMPILE_TESTS, LINT, UNUSED]

export interface Outcome {
  readonly passed: boolean
  readonly output: string
}

/** Runs a check in a folder; the repository unless told otherwise. */
export function runCommand(command: Command, folder: string = ROOT): Outcome {
  const [program = '', ...args] = command.args
  const run = spawnSync(process.execPath, [join(ROOT, program), ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  return { passed: run.status === 0, output: [run.stdout, run.stderr, run.error?.message ?? ''].join('').trim() }
}
