import type { CallFact } from '../../calls/index.ts'

/** How a call is known to be waste: its caller says so, or what was recorded of it shows it. */
export type Found = 'declared' | 'detected'

export interface WasteRule {
  readonly fact: CallFact
  /** The category of the calls that meet it, by its value; null: they are no waste, and no other rule may say so. */
  readonly categoryOf: (value: string | null) => string | null
  readonly how: Found
  readonly rule: string
}

/** The tag by which a caller declares waste. */
const WASTE_TAG = 'waste'
/** Its value for a call that is none, whatever it looks like: a request that is repeated on purpose. */
const NOT_WASTE = 'none'
/** Actions that say of a call what it is. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['retry', 'retries'],
  ['retries', 'retries'],
  ['unused_context', 'unused_context'],
  ['hallucination_recovery', 'hallucination_recovery'],
])

const MINUTE_MS = 60_000
/** A request that failed is tried again by programs within minutes; later it is another attempt at the work. */
const TRIED_AGAIN_MS = 10 * MINUTE_MS
/** An answer of yesterday may be out of date; one of today is asked for again without need. */
const REPEATED_MS = 24 * 60 * MINUTE_MS

/** In this order: a call is waste under the first that it meets. What its caller says comes before what it looks like, and a cause before its consequence. */
export const WASTE_RULES: readonly WasteRule[] = [
  {
    fact: { kind: 'tagged', tag: WASTE_TAG },
    categoryOf: (value) => (value === NOT_WASTE ? null : value === null || value === '' ? 'unnamed' : value),
    how: 'declared',
    rule: `tag "${WASTE_TAG}" of the call`,
  },
  {
    fact: { kind: 'action', actions: [...ACTIONS.keys()] },
    categoryOf: (value) => ACTIONS.get(value ?? '') ?? 'unnamed',
    how: 'declared',
    rule: 'action of the call',
  },
  {
    fact: { kind: 'tried_again', withinMs: TRIED_AGAIN_MS },
    categoryOf: () => 'retries',
    how: 'detected',
    rule: 'the call failed, and the same request was sent again within 10 minutes; the last try is not counted',
  },
  { fact: { kind: 'failed' }, categoryOf: () => 'failed', how: 'detected', rule: 'the call failed' },
  {
    fact: { kind: 'repeated', withinMs: REPEATED_MS },
    categoryOf: () => 'duplicate',
    how: 'detected',
    rule: 'the same agent had sent the same request to the same model within 24 hours, and it had been answered',
  },
  { fact: { kind: 'in_failed_run' }, categoryOf: () => 'failed', how: 'detected', rule: 'the run that the call was made in failed' },
]

/** What nobody can see from outside: whether words of a context were used, or an answer was wrong. */
export const DECLARED_ONLY: readonly { readonly category: string; readonly why: string }[] = [
  {
    category: 'unused_context',
    why: 'what an answer made use of is not in any counter; whoever sends the context declares it (tag "waste": "unused_context")',
  },
  {
    category: 'hallucination_recovery',
    why: 'that an answer was wrong shows only to whoever used it; the calls that mend it are declared (tag "waste" or action "hallucination_recovery")',
  },
]
