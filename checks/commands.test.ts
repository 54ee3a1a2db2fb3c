import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { COMPILE_TESTS, type Command, LINT, type Outcome, runCommand, UNUSED } from './commands.ts'
import { ROOT } from './tidy/repository.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const MANIFEST = '{ "name": "planted", "version": "1.0.0", "type": "module" }'

/** What each program needs beside the sources: the repository's own configuration, or as little as it starts with. */
const SETTINGS = new Map<Command, Readonly<Record<string, string>>>([
  [LINT, { 'biome.json': ownText('biome.json') }],
  [
    COMPILE_TESTS,
    {
      'package.json': MANIFEST,
      'tsconfig.base.json': ownText('tsconfig.base.json'),
      'tsconfig.test.json':
        '{ "extends": "./tsconfig.base.json", "compilerOptions": { "noEmit": true, "composite": false, "types": [] }, "include": ["src"] }',
    },
  ],
  [
    UNUSED,
    {
      'package.json': MANIFEST,
      'knip.json': '{ "entry": ["src/main.ts"], "project": ["src/**/*.ts"] }',
    },
  ],
])

function ownText(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8')
}

/** Runs the real program over a folder that holds these files. */
function runOn(command: Command, files: Readonly<Record<string, string>>): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'purser-check-'))
  folders.push(folder)
  for (const [path, text] of Object.entries({ ...SETTINGS.get(command), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return runCommand(command, folder)
}

const CLEAN = "import { x } from './x.ts'\n\nexport const y = x\n"
const X = 'export const x: number = 1\n'

describe('the compiler', () => {
  it('passes a clean folder', () => {
    expect(runOn(COMPILE_TESTS, { 'src/main.ts': CLEAN, 'src/x.ts': X })).toEqual({ passed: true, output: '' })
  })

  it.each([
    ['a parameter without type', 'export function f(x): void {}\n', 'TS7006'],
    ['a wrong type', "export const x: number = '1'\n", 'TS2322'],
    ['an element that may be absent', 'export const x = ([] as string[])[0].length\n', 'TS2532'],
    ['undefined for an optional member', 'export const x: { y?: number } = { y: undefined }\n', 'TS2375'],
    ['syntax that does not erase', 'export enum X {\n  Y,\n}\n', 'TS1294'],
    ['a type imported as a value', "import { T } from './t.ts'\nexport const x: T = 1\n", 'TS1484'],
    [
      'a case that falls through',
      'export function f(x: number): void {\n  switch (x) {\n    case 1:\n      f(2)\n    case 2:\n      f(3)\n  }\n}\n',
      'TS7029',
    ],
  ])('finds %s', (_, text, code) => {
    const outcome = runOn(COMPILE_TESTS, { 'src/main.ts': text, 'src/t.ts': 'export type T = number\n' })
    expect(outcome.passed).toBe(false)
    expect(outcome.output).toContain(code)
  })
})

describe('the linter', () => {
  it('passes a clean folder', () => {
    expect(runOn(LINT, { 'src/main.ts': CLEAN, 'src/x.ts': X })).toMatchObject({ passed: true })
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['noExplicitAny', { 'src/x.ts': 'export function f(x: any): void {}\n' }],
    ['noDefaultExport', { 'src/x.ts': 'export default 1\n' }],
    [
      'noImportCycles',
      {
        'src/x.ts': "import { y } from './y.ts'\n\nexport const x = (): number => y()\n",
        'src/y.ts': "import { x } from './x.ts'\n\nexport const y = (): number => x()\n",
      },
    ],
    [
      'noFloatingPromises',
      { 'src/x.ts': 'async function f(): Promise<void> {\n  await Promise.resolve()\n}\n\nexport function g(): void {\n  f()\n}\n' },
    ],
    ['noExcessiveLinesPerFunction', { 'src/x.ts': `export function f(g: () => void): void {\n${'  g()\n'.repeat(71)}}\n` }],
    ['noConsole', { 'src/x.ts': "console.log('x')\n" }],
    ['useImportType', { 'src/x.ts': "import { T } from './t.ts'\n\nexport const x: T = 1\n" }],
    ['useNodejsImportProtocol', { 'src/x.ts': "import { join } from 'path'\n\nexport const x = join('a')\n" }],
    ['noUnusedVariables', { 'src/x.ts': 'const x = 1\nexport {}\n' }],
    ['noUnusedImports', { 'src/x.ts': "import { x } from './y.ts'\n\nexport {}\n" }],
    ['noNonNullAssertion', { 'src/x.ts': 'export const f = (x?: string): number => x!.length\n' }],
    ['format', { 'src/x.ts': 'export const x = "1";\n' }],
  ])('finds what %s forbids', (rule, files) => {
    const outcome = runOn(LINT, files)
    expect(outcome.passed).toBe(false)
    expect(outcome.output).toContain(rule)
  })

  it('lets tests be long and tools print', () => {
    const long = `export function f(g: () => void): void {\n${'  g()\n'.repeat(71)}}\n`
    expect(runOn(LINT, { 'src/x.test.ts': long, 'checks/x.ts': "console.log('x')\n" })).toMatchObject({ passed: true })
  })
})

describe('the search for what is unused', () => {
  it('passes a clean folder', () => {
    expect(runOn(UNUSED, { 'src/main.ts': CLEAN, 'src/x.ts': X })).toMatchObject({ passed: true })
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a file', { 'src/alone.ts': X }, 'src/alone.ts'],
    ['an export', { 'src/x.ts': `${X}export const lonely: number = 2\n` }, 'lonely'],
    [
      'a dependency',
      { 'package.json': '{ "name": "planted", "version": "1.0.0", "type": "module", "dependencies": { "left-over": "1.0.0" } }\n' },
      'left-over',
    ],
    ['a dependency that is not declared', { 'src/x.ts': "export { x } from 'undeclared'\n" }, 'undeclared'],
  ])('finds %s', (_, files, name) => {
    const outcome = runOn(UNUSED, { 'src/main.ts': CLEAN, 'src/x.ts': X, ...files })
    expect(outcome.passed).toBe(false)
    expect(outcome.output).toContain(name)
  })
})
