import { describe, expect, it } from 'vitest'
import { repositoryFiles } from './repository.ts'
import { formatViolation, type Rule, type SourceFile, violationsOf } from './rule.ts'
import { RULES } from './rules.ts'

/** A small repository that keeps every rule. Each case below spoils one thing in it. */
const CLEAN: Readonly<Record<string, string>> = {
  '.npmrc': 'engine-strict=true\nomit-lockfile-registry-resolved=true\n',
  'package.json': JSON.stringify({ dependencies: { fastify: '5.12.8' }, overrides: { cookie: '1.0.2' } }),
  'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/@purser/sdk': { resolved: 'sdk', link: true } } }),
  'README.md':
    '# Purser\n\nSee [pricing](engine/src/pricing/README.md#ownership-and-boundaries), [below](#purser), [the web](https://example.com/x).\n',
  'contract/README.md': '# Contract\n',
  'contract/src/index.ts': "export * from './tracking.ts'\n",
  'contract/src/tracking.ts': 'export interface Tracking { readonly id: string }\n',
  'engine/README.md': '# Engine\n',
  'engine/src/main.ts':
    "import { price } from './pricing/index.ts'\nconst thread = new URL('./projection-thread.ts', import.meta.url)\nconsole.log(price, thread)\n",
  'engine/src/projection-thread.ts': "import './adapters/duckdb/store.ts'\n",
  'engine/src/kernel/README.md': '# Kernel\n',
  'engine/src/kernel/index.ts': "export * from './money.ts'\n",
  'engine/src/kernel/money.ts': 'export const ZERO = 0n\n',
  'engine/src/kernel/money.test.ts': "import { it } from 'vitest'\nit('needs nothing', () => {})\n",
  'engine/src/usage/README.md': '# Usage\n',
  'engine/src/usage/index.ts': "export * from './usage.ts'\n",
  'engine/src/usage/usage.ts': "import { ZERO } from '../kernel/index.ts'\nexport const NONE = ZERO\n",
  'engine/src/pricing/README.md': '# Pricing\n\n## Ownership and boundaries\n',
  'engine/src/pricing/index.ts': "export * from './price.ts'\n",
  'engine/src/pricing/price.ts':
    "import { NONE } from '../usage/index.ts'\nimport type { Tracking } from '@purser/contract'\nexport const price = (of: Tracking): unknown => [NONE, of]\n",
  'engine/src/calls/README.md': '# Calls\n',
  'engine/src/calls/index.ts': "export * from './ports.ts'\n",
  'engine/src/calls/ports.ts': 'export interface Store { readonly rows: number }\n',
  'engine/src/surfaces/README.md': '# Surfaces\n',
  'engine/src/surfaces/problem.ts': 'export const problem = 1\n',
  'engine/src/surfaces/http/server.ts':
    "import { price } from '../../pricing/index.ts'\nimport { problem } from '../problem.ts'\nexport const served = [price, problem]\n",
  'engine/src/surfaces/cli/print.ts': 'export function print(text: string): void {\n  console.log(text)\n}\n',
  'engine/src/adapters/README.md': '# Adapters\n',
  'engine/src/adapters/duckdb/store.ts': "import type { Store } from '../../calls/ports.ts'\nexport const store: Store = { rows: 0 }\n",
  'sdk/README.md': '# SDK\n',
  'sdk/src/index.ts': "import type { Tracking } from '@purser/contract'\nexport type Sent = Tracking\n",
  'web/README.md': '# Web\n',
  'conformance/README.md': '# Conformance\n',
}

function filesOf(changes: Readonly<Record<string, string>> = {}): readonly SourceFile[] {
  return Object.entries({ ...CLEAN, ...changes }).map(([path, text]) => ({ path, text }))
}

function ruleNamed(name: string): Rule {
  const rule = RULES.find((candidate) => candidate.name === name)
  if (rule === undefined) throw new Error(`there is no rule "${name}"`)
  return rule
}

interface Planted {
  readonly rule: string
  readonly fault: string
  readonly files: Readonly<Record<string, string>>
  /** Where the rule has to point, as `path` or `path:line`. */
  readonly at: string
}

function planted(rule: string, fault: string, path: string, text: string, at: string = `${path}:1`): Planted {
  return { rule, fault, files: { [path]: text }, at }
}

function imports(target: string): string {
  return `import { x } from '${target}'\nexport const y = x\n`
}

const LAYERS: readonly Planted[] = [
  planted('layer order', 'kernel imports a layer', 'engine/src/kernel/money.ts', imports('../usage/index.ts')),
  planted('layer order', 'kernel imports the contract', 'engine/src/kernel/money.ts', imports('@purser/contract')),
  planted('layer order', 'the contract imports the engine', 'contract/src/tracking.ts', imports('../../engine/src/kernel/index.ts')),
  planted('layer order', 'a layer imports a higher one', 'engine/src/usage/usage.ts', imports('../pricing/index.ts')),
  planted('layer order', 'a layer re-exports a higher one', 'engine/src/usage/usage.ts', "export { x } from '../pricing/index.ts'\n"),
  planted(
    'layer order',
    'a layer imports a type of a higher one',
    'engine/src/usage/usage.ts',
    "import type { X } from '../pricing/index.ts'\n",
  ),
  planted(
    'layer order',
    'a layer loads a higher one later',
    'engine/src/usage/usage.ts',
    "export const x = await import('../pricing/index.ts')\n",
  ),
  planted('layer order', 'a layer imports past the index', 'engine/src/pricing/price.ts', imports('../usage/usage.ts')),
  planted('layer order', 'a layer imports a store', 'engine/src/calls/ports.ts', imports('../adapters/duckdb/store.ts')),
  planted('layer order', 'a layer imports a surface', 'engine/src/calls/ports.ts', imports('../surfaces/problem.ts')),
  planted('layer order', 'one surface imports another', 'engine/src/surfaces/http/server.ts', imports('../cli/print.ts')),
  planted('layer order', 'what surfaces share imports one', 'engine/src/surfaces/problem.ts', imports('./http/server.ts')),
  planted('layer order', 'a surface imports past the index', 'engine/src/surfaces/http/server.ts', imports('../../pricing/price.ts')),
  planted('layer order', 'a surface imports a store', 'engine/src/surfaces/http/server.ts', imports('../../adapters/duckdb/store.ts')),
  planted('layer order', 'an adapter imports logic', 'engine/src/adapters/duckdb/store.ts', imports('../../pricing/price.ts')),
  planted('layer order', 'an adapter imports another', 'engine/src/adapters/duckdb/store.ts', imports('../sqlite/store.ts')),
  planted('layer order', 'an adapter imports a surface', 'engine/src/adapters/duckdb/store.ts', imports('../../surfaces/problem.ts')),
  planted('layer order', 'a surface imports the root', 'engine/src/surfaces/cli/print.ts', imports('../../main.ts')),
  planted('layer order', 'a file of the root imports the root', 'engine/src/start.ts', imports('./main.ts')),
  planted(
    'layer order',
    'a surface launches the thread',
    'engine/src/surfaces/cli/print.ts',
    "new URL('../../projection-thread.js', import.meta.url)\n",
  ),
  planted('layer order', 'the root imports its thread', 'engine/src/main.ts', imports('./projection-thread.ts')),
  planted('layer order', 'the root imports the tests', 'engine/src/main.ts', imports('../../conformance/recorded.ts')),
  planted('layer order', 'the client imports values of the contract', 'sdk/src/index.ts', imports('@purser/contract')),
  planted('layer order', 'the client imports the engine', 'sdk/src/index.ts', imports('../../engine/src/kernel/index.ts')),
  planted('layer order', 'the dashboard imports the engine', 'web/src/main.tsx', imports('../../engine/src/kernel/index.ts')),
  planted('layer order', 'the dashboard imports the client', 'web/src/main.tsx', imports('@purser/sdk')),
  planted('layer order', 'a file lies in no layer', 'engine/src/gadgets/x.ts', 'export const x = 1\n', 'engine/src/gadgets/x.ts'),
]

const CODE: readonly Planted[] = [
  planted('no default exports', 'a function', 'sdk/src/x.ts', 'export default function x(): void {}\n'),
  planted('no default exports', 'an alias', 'sdk/src/x.ts', 'const x = 1\nexport { x as default }\n', 'sdk/src/x.ts:2'),
  planted('no any', 'of a parameter', 'sdk/src/x.ts', '\nexport function x(y: any): void {}\n', 'sdk/src/x.ts:2'),
  planted('no any', 'as a cast', 'sdk/src/x.ts', 'export const x = y as any\n'),
  planted('no any', 'as an argument of a type', 'sdk/src/x.ts', 'export type X = Record<string, any>\n'),
  planted('no any', 'in a list', 'sdk/src/x.ts', 'export const x: any[] = []\n'),
  planted('no console output', 'in a layer', 'engine/src/usage/x.ts', "console.log('x')\n"),
  planted('no console output', 'in the client', 'sdk/src/x.ts', "console.error('x')\n"),
  planted('no process.exit', 'in the command line', 'engine/src/surfaces/cli/x.ts', 'process.exit(1)\n'),
  planted('no focused tests', 'one test', 'sdk/src/x.test.ts', "it.only('x', () => {})\n"),
  planted('no focused tests', 'a table', 'sdk/src/x.test.ts', "describe.only.each([1])('x', () => {})\n"),
  planted('skipped tests say why', 'a test', 'sdk/src/x.test.ts', `it${'.skip'}('x', () => {})\n`),
  planted('skipped tests say why', 'a group', 'sdk/src/x.test.ts', `describe${'.skipIf'}(absent)('x', () => {})\n`),
  planted('skipped tests say why', 'a plan', 'sdk/src/x.test.ts', `it${'.todo'}('x')\n`),
  planted('no leftovers', 'an intention', 'sdk/src/x.ts', `// ${'TO' + 'DO'}: x\n`),
  planted('no leftovers', 'a fault', 'checks/x.sh', `# ${'FIX' + 'ME'} x\n`),
  planted('no leftovers', 'a silenced tool', 'sdk/src/x.ts', `// ${'biome' + '-ignore'} lint: x\n`),
  planted('no leftovers', 'a silenced compiler', 'sdk/src/x.ts', `// ${'@ts' + '-expect-error'}\n`),
]

const FILES: readonly Planted[] = [
  planted('a README per layer', 'a layer without', 'engine/src/alerts/index.ts', 'export {}\n', 'engine/src/alerts'),
  planted('a README per layer', 'a long one', 'sdk/README.md', 'x\n'.repeat(81), 'sdk/README.md'),
  planted('file length', 'a long file', 'sdk/src/x.ts', 'x()\n'.repeat(401), 'sdk/src/x.ts'),
  {
    rule: 'folder size',
    fault: 'a full folder',
    files: Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`sdk/src/many/x${index}.ts`, ''])),
    at: 'sdk/src/many',
  },
  planted('file names', 'capitals', 'sdk/src/myFile.ts', '', 'sdk/src/myFile.ts'),
  planted('file names', 'a drawer', 'sdk/src/utils.ts', '', 'sdk/src/utils.ts'),
  planted('file names', 'a folder that is a drawer', 'sdk/src/helpers/x.ts', '', 'sdk/src/helpers/x.ts'),
  planted('no paths of a machine', 'a checkout', 'docs/x.md', `See ${'/wo' + 'rk'}/main.\n`),
  planted('no paths of a machine', 'a home folder', 'docs/x.md', `See ${'/ho' + 'me'}/someone/x.\n`),
  planted('no paths of a machine', 'a home folder of another system', 'docs/x.md', `See \`${'/Us' + 'ers'}/someone\`.\n`),
  planted('pinned versions', 'a caret', 'sdk/package.json', JSON.stringify({ dependencies: { x: '^1.0.0' } }), 'sdk/package.json'),
  planted('pinned versions', 'anything', 'sdk/package.json', JSON.stringify({ devDependencies: { x: '*' } }), 'sdk/package.json'),
  planted('pinned versions', 'a tag', 'sdk/package.json', JSON.stringify({ overrides: { x: 'latest' } }), 'sdk/package.json'),
  planted(
    'no registry hosts',
    'a mirror',
    'package-lock.json',
    JSON.stringify({ packages: { 'node_modules/x': { resolved: 'https://mirror.example/x.tgz' } } }),
    'package-lock.json',
  ),
  planted(
    'a complete lock file',
    'a package of another platform',
    'package-lock.json',
    JSON.stringify({ packages: { 'node_modules/x': { optionalDependencies: { 'x-darwin': '1.0.0' } } } }),
    'package-lock.json',
  ),
  planted('no registry hosts', 'a setting', '.npmrc', 'omit-lockfile-registry-resolved=true\nregistry=https://mirror.example\n', '.npmrc'),
  planted('no registry hosts', 'hosts not kept out', '.npmrc', 'engine-strict=true\n', '.npmrc'),
  planted('links of documents', 'a missing file', 'docs/x.md', '[x](missing.md)\n'),
  planted('links of documents', 'a missing picture', 'docs/x.md', '\n![x](missing.png "title")\n', 'docs/x.md:2'),
  planted('links of documents', 'a missing heading', 'docs/x.md', '[x](../README.md#nowhere)\n'),
  planted('links of documents', 'a missing heading of its own', 'docs/x.md', '[x](#nowhere)\n'),
]

const PLANTED = [...LAYERS, ...CODE, ...FILES]

describe('the repository', () => {
  const files = repositoryFiles()
  it.each(RULES)('keeps the rule: $name', (rule) => {
    expect(violationsOf(rule, files).map(formatViolation)).toEqual([])
  })
})

describe('each rule', () => {
  it.each(RULES)('$name: passes a clean repository', (rule) => {
    expect(violationsOf(rule, filesOf())).toEqual([])
  })

  it.each(RULES)('$name: fails when it sees nothing', (rule) => {
    expect(violationsOf(rule, [])).toContainEqual(expect.objectContaining({ message: expect.stringContaining('has checked nothing') }))
  })

  it.each(PLANTED)('$rule: finds $fault', ({ rule, files, at }) => {
    const found = violationsOf(ruleNamed(rule), filesOf(files)).map((violation) =>
      violation.line === undefined ? violation.path : `${violation.path}:${violation.line}`,
    )
    expect(found).toContain(at)
  })

  it('has a planted fault', () => {
    const proven = new Set(PLANTED.map(({ rule }) => rule))
    expect(RULES.filter((rule) => !proven.has(rule.name)).map((rule) => rule.name)).toEqual([])
  })
})

describe('what is no fault', () => {
  it.each([
    ['layer order', 'engine/src/usage/x.test.ts', imports('../pricing/index.ts')],
    ['layer order', 'engine/src/usage/x.ts', "// import { x } from '../pricing/index.ts'\nexport const text = 1\n"],
    ['layer order', 'engine/src/adapters/duckdb/x.ts', "export const at = new URL('../../../catalog/prices.json', import.meta.url)\n"],
    ['no any', 'sdk/src/x.ts', "// any: any\nexport const any = 'as any'\nexport const all = { any: true }\n"],
    ['no console output', 'sdk/src/x.ts', "/** Replaces console.log('x'). */\nexport const text = 'console.log'\n"],
    ['no default exports', 'vitest.config.ts', 'export default {}\n'],
    ['skipped tests say why', 'sdk/src/x.test.ts', `it${'.skip'}('x, because y', () => {})\n`],
    ['no paths of a machine', 'docs/x.md', 'POST /v1/workflows, /workflow, a/home/x, https://example.com/work\n'],
    ['links of documents', 'docs/x.md', '`[x](missing.md)`\n\n```\n[x](missing.md)\n```\n[folder](../engine/src/pricing/)\n'],
    ['pinned versions', 'sdk/package.json', JSON.stringify({ dependencies: { x: '1.0.0-rc.1', y: 'npm:@a/y@2.0.0' } })],
  ])('%s: %s %j', (rule, path, text) => {
    expect(violationsOf(ruleNamed(rule), filesOf({ [path]: text }))).toEqual([])
  })
})
