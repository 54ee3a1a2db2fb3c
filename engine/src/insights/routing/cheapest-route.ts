import type { Picos } from '../../kernel/index.ts'

/** A model that may answer a call, with what is declared and known of it. */
export interface RouteCandidate {
  readonly model: string
  /** Null: where the call was going. */
  readonly upstream: string | null
  /** The score that the organization has declared; null: none, so it does not qualify. */
  readonly quality: number | null
  /** What the call would cost as foreseen, and at most; null: no price is known, so it cannot be the cheapest. */
  readonly expected: Picos | null
  readonly worstCase: Picos | null
  /** What else is known to speak against it: it reads less than the call sends, or a budget has refused it. */
  readonly ruledOut: 'too_long' | 'over_budget' | null
}

/** Why a candidate was or was not taken. */
export type RouteVerdict = 'chosen' | 'dearer' | 'no_quality' | 'below_floor' | 'no_price' | 'too_long' | 'over_budget'

export interface RouteChoice<C extends RouteCandidate = RouteCandidate> {
  /** Null: none qualifies, or none that does fits. */
  readonly chosen: C | null
  /** Every candidate, as it was declared. */
  readonly considered: readonly { readonly candidate: C; readonly verdict: RouteVerdict }[]
}

/**
 * The cheapest candidate whose declared quality reaches the floor and whose worst case fits `most` (null: no limit is known). Cheapest is what costs least as
 * foreseen, of equals what costs least at most, of equals what was declared first. Nothing is guessed: without a score or a price a candidate does not qualify.
 */
export function cheapestRoute<C extends RouteCandidate>(
  candidates: readonly C[],
  { floor, most }: { readonly floor: number; readonly most: Picos | null },
): RouteChoice<C> {
  let chosen: C | null = null
  const verdicts = candidates.map((candidate) => {
    const obstacle = obstacleOf(candidate, floor, most)
    if (obstacle === null && (chosen === null || isCheaper(candidate, chosen))) chosen = candidate
    return obstacle
  })
  const considered = candidates.map((candidate, index) => ({
    candidate,
    verdict: verdicts[index] ?? (candidate === chosen ? ('chosen' as const) : ('dearer' as const)),
  }))
  return { chosen, considered }
}

/** `gpt-4o=dearer, o3=below_floor`: why each of them was or was not taken, for people. */
export function explainedRoute({ considered }: RouteChoice): string {
  return considered
    .map(({ candidate: { model, upstream }, verdict }) => `${upstream === null ? '' : `${upstream}/`}${model}=${verdict}`)
    .join(', ')
}

function obstacleOf(candidate: RouteCandidate, floor: number, most: Picos | null): RouteVerdict | null {
  const { quality, expected, worstCase, ruledOut } = candidate
  if (quality === null) return 'no_quality'
  if (quality < floor) return 'below_floor'
  if (ruledOut !== null) return ruledOut
  if (expected === null || worstCase === null) return 'no_price'
  return most !== null && worstCase > most ? 'over_budget' : null
}

function isCheaper(one: RouteCandidate, other: RouteCandidate): boolean {
  if (one.expected === null || other.expected === null) return false
  if (one.expected !== other.expected) return one.expected < other.expected
  return one.worstCase !== null && other.worstCase !== null && one.worstCase < other.worstCase
}
