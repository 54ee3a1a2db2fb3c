import type { Facts } from '../facts.ts'

/** Who emitted something: the resource and the instrumentation scope. Shared by all that came under both. */
export interface Emitter {
  readonly resource: Facts
  readonly scope: string
  readonly scopeVersion: string
}

/** A span as far as anything of it is read. Ids are lower-case hexadecimal; null where they are missing or all zero. */
export interface SpanRecord {
  readonly emitter: Emitter
  readonly traceId: string | null
  readonly spanId: string | null
  readonly parentId: string | null
  readonly name: string
  /** Microseconds since 1970; 0: not said. */
  readonly startUs: number
  readonly endUs: number
  readonly failed: boolean
  readonly facts: Facts
}

export interface LogRecord {
  readonly emitter: Emitter
  readonly traceId: string | null
  readonly spanId: string | null
  readonly eventName: string
  readonly timeUs: number
  readonly facts: Facts
}

/** One point of a counter or a histogram: what its series has counted. */
export interface MetricPoint {
  readonly emitter: Emitter
  readonly metric: string
  /** `delta`: since `start`. `cumulative`: since the series began at `start`. */
  readonly temporality: 'delta' | 'cumulative' | 'unspecified'
  /** Nanoseconds since 1970 as text, because they are part of an identity. */
  readonly start: string
  readonly time: string
  readonly value: number
  /** All attributes of the point, sorted: what tells series apart. */
  readonly series: string
  readonly facts: Facts
  /** `type` or `gen_ai.token.type`. */
  readonly tokenType: string
}

/** A request could not be read; nothing of it is taken. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest'
}
