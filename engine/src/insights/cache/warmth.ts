import { share } from '../averages.ts'
import { LONG_TTL_MS, SHORT_TTL_MS, type Step } from './lanes.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long ago the call before it was, up to and with `toMs`. */
export const GAPS = [
  { name: '<=1m', toMs: MINUTE },
  { name: '1-5m', toMs: SHORT_TTL_MS },
  { name: '5-60m', toMs: LONG_TTL_MS },
  { name: '1-6h', toMs: 6 * HOUR },
  { name: '>6h', toMs: Number.POSITIVE_INFINITY },
] as const

export interface Warmth {
  readonly gap: (typeof GAPS)[number]['name']
  /** Which lifetimes a cache that was used by the call before has outlived by then. */
  readonly warmWith: readonly ('5m' | '1h')[]
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  /** Null: no such call. */
  readonly hitRate: number | null
  /** Calls that read nothing from a cache. */
  readonly readNothing: number
}

/** How the hit rate falls with the time since the call before it in the same lane. The first call of a lane has none and is left out. */
export function warmthDecay(steps: readonly Step[]): Warmth[] {
  return GAPS.map(({ name, toMs }, index) => {
    const fromMs = GAPS[index - 1]?.toMs ?? -1
    const calls = steps.filter(({ gapMs }) => gapMs !== null && gapMs > fromMs && gapMs <= toMs).map((step) => step.call)
    const inputTokens = calls.reduce((sum, call) => sum + call.inputTokens, 0)
    const cachedTokens = calls.reduce((sum, call) => sum + call.cacheReadTokens, 0)
    return {
      gap: name,
      warmWith: [...(toMs <= SHORT_TTL_MS ? (['5m'] as const) : []), ...(toMs <= LONG_TTL_MS ? (['1h'] as const) : [])],
      calls: calls.length,
      inputTokens,
      cachedTokens,
      hitRate: share(cachedTokens, inputTokens),
      readNothing: calls.filter((call) => call.cacheReadTokens === 0).length,
    }
  })
}
