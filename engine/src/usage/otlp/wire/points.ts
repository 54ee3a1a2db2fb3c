import type { Facts } from '../facts.ts'
import type { Emitter, MetricPoint } from './records.ts'

export type { MetricPoint } from './records.ts'

/** A point as it was read, in either encoding. */
export interface RawPoint {
  readonly attributes: [string, string][]
  readonly facts: Facts
  start: string
  time: string
  value: number
}

export const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const

/** Names of the attribute that says which tokens a point counts. */
const TOKEN_TYPE = new Set(['gen_ai.token.type', 'type', 'token_type'])

export function pointOf(emitter: Emitter, metric: string, temporality: MetricPoint['temporality'], point: RawPoint): MetricPoint {
  const tokenType = point.attributes.find(([name]) => TOKEN_TYPE.has(name))?.[1] ?? ''
  // Points of one call or of one time differ only in what they count, so the kind of token is no part of the series.
  const names = point.attributes.filter(([name]) => !TOKEN_TYPE.has(name)).map(([name, value]) => JSON.stringify([name, value]))
  return {
    emitter,
    metric,
    temporality,
    start: point.start,
    time: point.time,
    value: point.value,
    series: names.sort().join(),
    facts: point.facts,
    tokenType,
  }
}
