import { mergeAdjustments } from '../../calls/index.ts'
import type { CounterPoint } from '../../usage/index.ts'
import type { Services } from '../context.ts'

/** By how much a counter has grown, and in which stretch of time (nanoseconds, as text). */
export interface Grown {
  readonly counter: CounterPoint
  readonly growth: number
  readonly from: string
  readonly to: string
}

/** What counters have shown before. What a process has forgotten is asked of the calls that were made of it. */
export interface CounterMemory {
  /** Null: it has not grown, or the point was seen before. */
  growthOf(organization: string, counter: CounterPoint): Promise<Grown | null>
  forget(): void
}

interface Shown {
  readonly value: number
  readonly time: string
}

const KEPT_MAX = 50_000
const ROWS_MAX = 10_000

export function counterMemory(services: Pick<Services, 'calls' | 'committer'>): CounterMemory {
  const shown = new Map<string, Shown>()
  const keep = (key: string, value: Shown): void => {
    shown.delete(key)
    shown.set(key, value)
    if (shown.size > KEPT_MAX) shown.delete(shown.keys().next().value ?? '')
  }
  return {
    async growthOf(organization, counter) {
      const { point } = counter
      if (point.temporality === 'delta') {
        const key = JSON.stringify([organization, counter.series, point.start, point.time])
        if (shown.has(key)) return null
        keep(key, { value: point.value, time: point.time })
        return point.value > 0 ? { counter, growth: point.value, from: point.start, to: point.time } : null
      }
      const key = JSON.stringify([organization, counter.series, point.start])
      const before = shown.get(key) ?? (await posted(services, organization, counter))
      if (BigInt(point.time) <= BigInt(before.time) && before.time !== point.start) return null
      // A counter that fell without a new start was reset: all it shows is new.
      const growth = point.value < before.value ? point.value : point.value - before.value
      keep(key, { value: point.value, time: point.time })
      return growth > 0 ? { counter, growth, from: before.time, to: point.time } : null
    },
    forget: () => shown.clear(),
  }
}

/** What was posted of a counter since its start. */
async function posted(services: Pick<Services, 'calls' | 'committer'>, organization: string, counter: CounterPoint): Promise<Shown> {
  const rows = await services.calls.rows({
    scope: { organization },
    where: [{ dimension: 'tag:otlp_series', in: [seriesTag(counter)] }],
    atLeast: services.committer.head(),
    limit: ROWS_MAX,
  })
  let value = 0
  let time = counter.point.start
  for (const row of mergeAdjustments(rows)) {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = row
    const exclusive = counter.dialect === 'claude-code'
    const by: { readonly [field: string]: number } = {
      input: exclusive ? inputTokens - cacheReadTokens - cacheWriteTokens : inputTokens,
      output: counter.dialect === 'gemini-cli' ? outputTokens - reasoningTokens : outputTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
      reasoning: reasoningTokens,
      // What somebody reported that it cost is not among the rows; it grows from here on.
      cost: counter.point.value,
    }
    value += by[counter.field] ?? 0
    const [, , , to] = row.callId.split('-')
    if (to !== undefined && BigInt(to) > BigInt(time)) time = to
  }
  return { value: Math.min(value, counter.point.value), time }
}

/** The tag of the calls that are made of one group of counters since its start. */
export function seriesTag({ group, point }: CounterPoint): string {
  return `${group}-${point.start}`
}
