import { sha256Hex } from '../../kernel/index.ts'
import { newFacts, take, takingOf, textFact } from './facts.ts'
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

/** Null for a point that counts nothing of ours: a total beside its parts, a value that is no count. */
export function counterPoint(point: MetricPoint): CounterPoint | null {
  const metric = Object.hasOwn(METRICS, point.metric) ? METRICS[point.metric] : undefined
  const field = metric !== undefined && Object.hasOwn(metric.types, point.tokenType) ? metric.types[point.tokenType] : undefined
  if (metric === undefined || field === undefined) return null
  if (!Number.isFinite(point.value) || point.value < 0) return null
  const { resource, scope } = point.emitter
  const who = [textFact(resource, 'service'), JSON.stringify(resource.tags), JSON.stringify(resource.values), scope, point.series]
  const group = sha256Hex(JSON.stringify([metric.dialect, ...who])).slice(0, 32)
  return { point, dialect: metric.dialect, field, group, series: `${group}:${point.metric}:${field}` }
}

/** What the counters of one group have grown by in one stretch of time, as facts like those of a span. */
export function factsOfGrowth(points: readonly { readonly counter: CounterPoint; readonly growth: number }[]): ReturnType<typeof newFacts> {
  const facts = newFacts()
  const sums = new Map<Field, number>()
  for (const { counter, growth } of points) {
    for (const [index, value] of counter.point.facts.values.entries()) facts.values[index] ??= value
    facts.places.push(...counter.point.facts.places.slice(facts.places.length))
    facts.tags ??= counter.point.facts.tags
    sums.set(counter.field, (sums.get(counter.field) ?? 0) + growth)
  }
  for (const [field, sum] of sums) {
    const taking = takingOf(NAMES[field] ?? '')
    if (taking !== undefined) take(facts, taking, field === 'cost' ? Number(sum.toFixed(12)) : Math.round(sum))
  }
  return facts
}

const NAMES: { readonly [F in Field]?: string } = {
  input: 'gen_ai.usage.input_tokens',
  output: 'gen_ai.usage.output_tokens',
  cacheRead: 'gen_ai.usage.cache_read.input_tokens',
  cacheWrite: 'gen_ai.usage.cache_write.input_tokens',
  reasoning: 'gen_ai.usage.reasoning.output_tokens',
  cost: 'gen_ai.usage.cost',
}
