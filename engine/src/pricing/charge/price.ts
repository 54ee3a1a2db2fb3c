import { isWholePicos, type Millis, type Picos, parseDecimal, picos, picosOfDecimal, usdOfPicos } from '../../kernel/index.ts'
import type { Usage, UsageNote } from '../../usage/index.ts'
import type { CardBook } from '../book/book.ts'
import { type FxTable, NO_FX } from '../fx.ts'
import type { Charge, ChargeNote, ChargeStatus } from '../records.ts'
import { planCacheOf } from '../select/plan-cache.ts'
import { fxUse } from './line.ts'
import { type Ground, pass } from './pass.ts'
import { AS_STATED, addNote, doubt, type Tally } from './reading.ts'

export interface PriceOptions {
  /** Knowledge time: rates recorded after it, or retracted by it, do not count. */
  readonly knownAt: Millis
  /** Whose own rates outrank the public ones. */
  readonly organization?: string | null
  readonly fx?: FxTable
}

/**
 * Prices a usage: every meter by the most specific rate of the first card that has one, rounded once a line, half to even, at 1e-12 USD; the
 * total is the plain sum. Pure. What cannot be priced is listed and never counted as zero; where the facts admit another amount the
 * charge says so and gives it. A cost that the seller states is what is posted, with our own amount beside it.
 */
export function price(usage: Usage, book: CardBook, options: PriceOptions): Charge {
  const ground: Ground = {
    plans: planCacheOf(book),
    organization: options.organization ?? null,
    knownAt: options.knownAt,
    fx: options.fx ?? NO_FX,
  }
  const tally = pass(usage, ground, AS_STATED)
  if (usage.notes.length > 0) readNotes(usage, tally)
  const alternatives = tally.doubts.length === 0 ? NO_ALTERNATIVES : otherAmounts(usage, ground, tally)
  const ambiguous = tally.doubts.length > 0 && (alternatives.length > 0 || openDoubts(tally))
  const status = statusOf(usage, tally, ambiguous)
  const charge: Charge = {
    status,
    amount: status === 'unpriced' ? null : picos(tally.total),
    lines: tally.lines,
    unpriced: tally.unpriced,
    alternatives,
    notes: tally.notes.length === 0 ? usage.notes : [...usage.notes, ...tally.notes],
    knownAt: options.knownAt,
  }
  const converted = tally.fx === null ? charge : { ...charge, fx: tally.fx.rate }
  return usage.attested === undefined ? converted : attest(usage, converted, ground)
}

const NO_ALTERNATIVES: Charge['alternatives'] = Object.freeze([])

/** Notes of the usage that say the facts admit another amount, in words for the reader of the bill. */
const DOUBTFUL: { readonly [C in UsageNote['code']]?: string } = {
  tool_kind_assumed: 'the tool was of another kind',
  search_actions_counted: 'other search actions are billed too',
  container_shared: 'the container was already paid by another response',
  allowance_not_applied: 'a free allowance applies',
  counter_clamped: "the provider's counters contradict themselves",
  cache_overlap_clamped: "the provider's counters contradict themselves",
  cache_ttl_assumed: 'the cache write lasts an hour',
}

/** Notes of something that was used and is in no meter. */
const INCOMPLETE: ReadonlySet<UsageNote['code']> = new Set(['sub_call_unmetered', 'input_missing', 'tokens_unexplained'])

function readNotes(usage: Usage, tally: Tally): void {
  for (const note of usage.notes) {
    const when = DOUBTFUL[note.code]
    if (when !== undefined) doubt(tally, when, null, null)
    else if (note.code === 'model_router') doubt(tally, 'the router is billed', { routerIsBilled: true }, null)
    else if (INCOMPLETE.has(note.code)) tally.incomplete = true
    else if (note.code === 'estimated_from_text' || note.code === 'split_assumed' || note.code === 'unknown_tier') tally.estimated = true
  }
}

/** Amounts under the other readings. A reading that gives the same amount is no doubt. */
function otherAmounts(usage: Usage, ground: Ground, tally: Tally): { when: string; amount: Picos }[] {
  const others: { when: string; amount: Picos }[] = []
  for (const { when, reading, note } of tally.doubts) {
    if (reading === null) {
      if (note !== null) addNote(tally, note)
      continue
    }
    const other = pass(usage, ground, reading)
    if (other.total === tally.total && other.unpriced.length === tally.unpriced.length) continue
    others.push({ when, amount: picos(other.total) })
    if (note !== null) addNote(tally, note)
  }
  return others
}

/** Doubts whose other amount cannot be computed. */
function openDoubts(tally: Tally): boolean {
  for (const { reading } of tally.doubts) if (reading === null) return true
  return false
}

function statusOf(usage: Usage, tally: Tally, ambiguous: boolean): ChargeStatus {
  if (tally.lines.length === 0 && (tally.unpriced.length > 0 || nothingMetered(usage))) return 'unpriced'
  if (tally.unpriced.length > 0 || tally.incomplete) return 'partial'
  if (ambiguous) return 'ambiguous'
  return tally.estimated ? 'estimated' : 'exact'
}

/**
 * Whether we know nothing about what was consumed. A call that its provider refused before any inference consumed nothing, which is known;
 * an answer without counters is not.
 */
function nothingMetered(usage: Usage): boolean {
  const metered = usage.inferences.some((inference) => Object.keys(inference.meters).length > 0)
  if (metered) return false
  const unclear = usage.notes.some((note) => note.code === 'no_usage' || note.code === 'error_in_stream' || note.code === 'cut_off')
  return usage.outcome.ok || unclear || usage.inferences.length > 0
}

/** Posts the seller's own amount. Our amount stands beside it only where it covers the whole call; a part would show a false variance. */
function attest(usage: Usage, charge: Charge, ground: Ground): Charge {
  const stated = usage.attested
  const value = stated === undefined ? null : parseDecimal(stated.amount)
  if (stated === undefined || value === null) return charge
  const fx = stated.currency === 'USD' ? null : fxUse(ground.fx, stated.currency, usage.at)
  if (stated.currency !== 'USD' && fx === null) {
    const detail = `the seller states ${stated.amount} ${stated.currency}, and there is no rate for the day`
    return { ...charge, notes: [...charge.notes, { code: 'fx_missing', detail }] }
  }
  const usd = fx === null ? value : { digits: value.digits * fx.numerator, scale: value.scale + String(fx.denominator).length - 1 }
  const amount = picosOfDecimal(usd)
  // Every conversion rounds; of those only an amount that vanished is worth a note.
  const rounded = !isWholePicos(usd) && (fx === null || amount === 0n)
  const note: ChargeNote = {
    code: 'amount_rounded',
    detail: `the seller states ${stated.amount} ${stated.currency}; amounts are kept to 1e-12 USD, and ${usdOfPicos(amount)} is posted`,
  }
  const computed = charge.status === 'partial' || charge.status === 'unpriced' ? null : charge.amount
  const variance = computed === null ? null : picos(amount - computed)
  return {
    ...charge,
    status: 'attested',
    amount,
    attested: { amount, by: stated.by, computed, variance },
    notes: rounded ? [...charge.notes, note] : charge.notes,
    ...(fx === null ? {} : { fx: fx.rate }),
  }
}
