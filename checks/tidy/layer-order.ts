import { type Import, importsOf } from './imports.ts'
import type { Rule, Violation } from './rule.ts'
import { isSource, isTest } from './source-text.ts'

/** Layers of the engine, from low to high. Layers of one rank do not know each other. */
const RANKS: Readonly<Record<string, number>> = {
  kernel: 0,
  usage: 1,
  pricing: 2,
  ledger: 3,
  calls: 4,
  insights: 5,
  alerts: 5,
  operations: 6,
}
/** Threads and processes start here; the composition root may launch a thread, and nothing imports either. */
const ENTRY_FILES = /^engine\/src\/(?:.*\/)?(?:main|projection-thread)\.[tj]s$/
const RECORD_FILES = /\/(?:ports|records|usage|index)\.ts$/

/** Where a file lives, as far as the import table of ARCHITECTURE.md is concerned. */
type Area =
  | { readonly kind: 'contract' | 'sdk' | 'web' | 'composition' | 'unknown' | 'outside' }
  | { readonly kind: 'layer'; readonly name: string; readonly rank: number }
  | { readonly kind: 'surface' | 'adapter'; readonly name: string }

/** Imports point downwards only: the table of ARCHITECTURE.md. Tests may reach anywhere. */
export const layerOrder: Rule = {
  name: 'layer order',
  check: (files) => {
    const imports = files.filter((file) => isSource(file) && !isTest(file) && areaOf(file.path).kind !== 'outside').flatMap(importsOf)
    const violations = imports.flatMap((entry): Violation[] => {
      const message = whyRefused(entry)
      return message === null ? [] : [{ path: entry.from, line: entry.line, message }]
    })
    const homeless = files
      .filter((file) => isSource(file) && areaOf(file.path).kind === 'unknown')
      .map((file) => ({ path: file.path, message: 'lies in no layer' }))
    return { seen: imports.length, unit: 'imports', violations: [...violations, ...homeless] }
  },
}

function areaOf(path: string): Area {
  const [top = '', second = '', third = '', fourth] = path.split('/')
  if ((top === 'contract' || top === 'sdk' || top === 'web') && second === 'src') return { kind: top }
  if (top !== 'engine' || second !== 'src') return { kind: 'outside' }
  if (fourth === undefined) return { kind: 'composition' }
  const rank = RANKS[third]
  if (rank !== undefined) return { kind: 'layer', name: third, rank }
  // Files directly in surfaces/ or adapters/ are shared by all of them, and belong to none.
  if (third === 'surfaces') return { kind: 'surface', name: isFile(fourth) ? '' : fourth }
  if (third === 'adapters') return { kind: 'adapter', name: isFile(fourth) ? '' : fourth }
  return { kind: 'unknown' }
}

function isFile(name: string): boolean {
  return name.includes('.')
}

/** Why an import is against the table, or null where it is allowed. */
function whyRefused(entry: Import): string | null {
  const from = areaOf(entry.from)
  if (!entry.ours) return whyPackageRefused(from, entry)
  if (ENTRY_FILES.test(entry.target) && !(entry.launched && from.kind === 'composition')) {
    return `imports ${entry.target}, which nothing may import`
  }
  const to = areaOf(entry.target)
  if (from.kind === 'composition') return to.kind === 'outside' ? `may not import ${entry.target}, which is not part of the engine` : null
  if (from.kind === to.kind && nameOf(from) === nameOf(to)) return null
  switch (from.kind) {
    case 'layer':
      return whyLayerRefused(from, to, entry.target)
    case 'surface':
      return whySurfaceRefused(from.name, to, entry.target)
    case 'adapter':
      return whyAdapterRefused(to, entry.target)
    default:
      return `${from.kind} may not import ${entry.target}`
  }
}

function nameOf(area: Area): string {
  return 'name' in area ? area.name : ''
}

function whyPackageRefused(from: Area, entry: Import): string | null {
  if (!entry.target.startsWith('@purser/')) return null
  if (entry.target !== '@purser/contract') return `${entry.target} is imported by nothing of ours; only @purser/contract is`
  if (from.kind === 'contract') return 'contract may not import itself by name'
  if (from.kind === 'layer' && from.name === 'kernel') return 'kernel may import nothing of ours'
  if (from.kind === 'sdk' && !entry.typeOnly) return 'sdk may import types of the contract only: use `import type`'
  return null
}

function whyLayerRefused(from: { name: string; rank: number }, to: Area, target: string): string | null {
  if (from.name === 'kernel') return `kernel may import nothing of ours, not ${target}`
  if (to.kind !== 'layer') return `${from.name} is a layer and may not import ${target}`
  if (to.rank >= from.rank) return `${from.name} may not import ${to.name}, which is not below it`
  return isIndex(to.name, target) ? null : `${from.name} must import ${to.name} by its index.ts, not ${target}`
}

function whySurfaceRefused(name: string, to: Area, target: string): string | null {
  if (to.kind === 'surface' && to.name === '') return null
  if (to.kind === 'surface')
    return `${name === '' ? 'a file shared by surfaces' : `the surface ${name}`} may not import the surface ${to.name}`
  if (to.kind !== 'layer') return `a surface may not import ${target}`
  return isIndex(to.name, target) ? null : `a surface must import ${to.name} by its index.ts, not ${target}`
}

function whyAdapterRefused(to: Area, target: string): string | null {
  if (to.kind === 'adapter' && to.name === '') return null
  if (to.kind === 'adapter') return `one adapter may not import another: ${target}`
  if (to.kind !== 'layer' || to.name === 'operations') return `an adapter may not import ${target}`
  if (to.name === 'kernel') return isIndex('kernel', target) ? null : `an adapter must import kernel by its index.ts, not ${target}`
  return RECORD_FILES.test(target) ? null : `an adapter may import only ports and records of a layer, not ${target}`
}

function isIndex(layer: string, target: string): boolean {
  return target === `engine/src/${layer}/index.ts`
}
