import type { Change } from './change.ts'
import { CACHED_TOKENS_MIN } from './changed-usage.ts'
import type { UnsaidReason, Way } from './priced-again.ts'
import type { Tallied } from './tally.ts'

/** What must hold for an answer to come true, in sentences: of the changes, of the prices, and of how it was computed. */
export function assumptionsOf(changes: readonly Change[], pricesAt: 'call' | 'now', { ways }: Pick<Tallied, 'ways'>): string[] {
  const said = changes.map(({ kind }) => ASSUMED[kind])
  const told = [...ways].map(([way, calls]) => WAYS[way](calls))
  return [...new Set([PRICES[pricesAt], ...said, ...told])]
}

const PRICES = {
  call: 'Rates are those in force when each call was made.',
  now: 'Rates are those in force now, for calls of the past as well.',
} as const

const ASSUMED: Readonly<Record<Change['kind'], string>> = {
  drop: 'What the dropped calls were for is not needed, and no other call takes their place.',
  dedupe:
    'An answer is as good the second time. Calls from before this time are not known here, so the first of each request is always made.',
  retries:
    'A request of one agent with the fingerprint of one that failed within the hour before is a retry; without it the failure stays.',
  swap_model:
    'The other model needs the same number of tokens, though it counts them in its own way, as many calls, and its answers are good enough.',
  tier: 'The calls can be made in this tier: a batch may take a day, and flex may have no room.',
  read_share: 'The cache holds what is read from it; what it costs to write it is not in this, unless the calls wrote it as they were.',
  cache_repeats: `Only requests that are equal as a whole are known to share what a cache could hold; equal beginnings are not seen. Inputs below ${CACHED_TOKENS_MIN.toLocaleString('en-US')} tokens are not cached.`,
  output_cap: 'Answers that are cut off are still good enough, and nobody asks again. Reasoning counts and comes first.',
  percent: 'The percentage is on the whole cost of a call, fees included.',
  rates: 'The stated rates hold for all of this time; meters without one keep their price.',
}

const WAYS: Readonly<Record<Way, (calls: number) => string>> = {
  estimated: (calls) =>
    `The price of ${words(calls)} leaves something open: a quantity or a rate is an estimate, or more than one could hold.`,
  makers_price: (calls) => `${words(calls)} bought where the model is not listed are priced at its maker's list.`,
  writes_as_input: (calls) => `What ${words(calls)} wrote to a cache is priced as input: the seller has no price for writing.`,
  brackets: (calls) => `The price of ${words(calls)} depends on how long each is, which sums do not tell: the lowest was taken.`,
}

/** Why nothing can be said of some calls, in words for a reader. */
export const UNSAID_WORDS: Readonly<Record<UnsaidReason, string>> = {
  unpriced: 'No price is known of what they have cost.',
  no_fingerprint: 'They have no fingerprint, so it is not known what they repeat.',
  attested: 'Their seller stated the cost, and what was consumed does not explain it.',
  unexplained: 'What was consumed does not come to the posted cost at any known rates: fees, or a contract.',
  no_rate: 'No rate is known for all that they would have consumed.',
  no_tier_rate: 'No rate is known for that service tier.',
  not_in_journal: 'The journal does not have them any more.',
}

function words(calls: number): string {
  return `${calls.toLocaleString('en-US')} ${calls === 1 ? 'call' : 'calls'}`
}
