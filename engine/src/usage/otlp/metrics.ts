import { LIMITS, sha256Hex } from '../../kernel/index.ts'
import { type Facts, fillFacts, newFacts, setFact, textFact } from './facts.ts'
import type { Field } from './mapping.ts'
import type { MetricPoint } from './wire/records.ts'

/** Metrics that count tokens or cost, and which counter each kind of token is. */
const METRICS: Readonly<Record<string, { readonly dialect: string; readonly types: Readonly<Record<string, Field>> }>> = {
  'gen_ai.client.token.usage': { dialect: 'genai', types: { input: 'input', output: 'output' } },
  'gen_ai.client.inference.usage.input_tokens': { dialect: 'genai', types: { '': 'input' } },
  'gen_ai.client.inference.usage.output_tokens': { dialect: 'genai', types: { '': 'output' } },
  'gen_ai.client.inference.usage.cache_read.input_tokens': { dialect: 'genai', types: { '': 'cacheRead' } },
  'gen_ai.client.inference.usage.cache_write.input_tokens': { dialect: 'genai', types: { '': 'cacheWrite' } },
  'gen_ai.client.inference.usage.reasoning.output_tokens': { dialect: 'genai', types: { '': 'reasoning' } },
  'claude_code.token.usage': {
    dialect: 'claude-code',
    types: { input: 'input', output: 'output', cacheRead: 'cacheRead', cacheCreation: 'cacheWrite' },
  },
  'claude_code.cost.usage': { dialect: 'claude-code', types: { '': 'cost' } },
  'gemini_cli.token.usage': {
    dialect: 'gemini-cli',
    types: { input: 'input', output: 'output', thought: 'reasoning', cache: 'cacheRead' },
  },
  'codex.turn.token_usage': {
    dialect: 'codex',
    types: { input: 'input', cached_input: 'cacheRead', output: 'output', reasoning_output: 'reasoning' },
  },
}

export function countsTokens(metric: string): boolean {
  return Object.hasOwn(METRICS, metric)
}

/** One counter of one emitter, model and set of attributes. */
export interface CounterPoint {
  readonly point: MetricPoint
  readonly dialect: string
  readonly field: Field
  /** Of all counters that are told apart by nothing but what they count: their points of one time are one record. */
  readonly group: string
  /** Of this counter alone. */
  readonly series: string
}

/** Null for a point that counts nothing of ours, such as a total beside its parts; `invalid` where its value is no count. */
export function counterPoint(point: MetricPoint): CounterPoint | 'invalid' | null {
  const metric = Object.hasOwn(METRICS, point.metric) ? METRICS[point.metric] : undefined
  const field = metric !== undefined && Object.hasOwn(metric.types, point.tokenType) ? metric.types[point.tokenType] : undefined
  if (metric === undefined || field === undefined) return null
  // Gemini CLI counts the same tokens under its own name too.
  if (metric.dialect === 'genai' && textFact(point.emitter.resource, 'service') === 'gemini-cli') return null
  if (!(point.value >= 0 && point.value <= LIMITS.tokensPerMeterMax) || point.temporality === 'unspecified') return 'invalid'
  const { resource, scope } = point.emitter
  const who = [resource.fields, resource.values, resource.tags, scope, point.series]
  const group = sha256Hex(JSON.stringify([metric.dialect, ...who])).slice(0, 32)
  return { point, dialect: metric.dialect, field, group, series: `${group}:${point.metric}:${field}` }
}

/** What the counters of one group have grown by in one stretch of time, as facts like those of a span. */
export function factsOfGrowth(points: readonly { readonly counter: CounterPoint; readonly growth: number }[]): Facts {
  const facts = newFacts()
  const sums = new Map<Field, number>()
  for (const { counter, growth } of points) {
    fillFacts(facts, counter.point.facts)
    sums.set(counter.field, (sums.get(counter.field) ?? 0) + growth)
  }
  for (const [field, sum] of sums) setFact(facts, field, field === 'cost' ? Number(sum.toFixed(12)) : Math.round(sum))
  return facts
}

const NEWER = 'gen_ai.client.inference.usage.'
const OLDER = 'gen_ai.client.token.usage'

/** Points without those that repeat others: who counts by the newer names and by the older one counts the same tokens twice. */
export function withoutRepeated(points: readonly MetricPoint[]): MetricPoint[] {
  const newer = new Set(points.filter(({ metric }) => metric.startsWith(NEWER)).map(({ emitter }) => emitter.resource))
  return points.filter(({ metric, emitter }) => metric !== OLDER || !newer.has(emitter.resource))
}
