import { type Picos, usdOfPicos } from '../../src/kernel/index.ts'
import type { Comparison } from './compare.ts'
import { MODEL } from './reported.ts'

/** `docs/cache.md`: what the figures of the cache analysis mean, and how near its estimate came to the truth. */
export function cacheDocument(comparisons: readonly Comparison[]): string {
  return `${[...MEANING, ...proof(comparisons)].join('\n')}\n`
}

const MEANING = [
  '# Caches of prompts',
  '',
  'Written by `npm run backtest -- cache`; do not edit. `GET /v1/finops/analytics/cache`, `purser cache`.',
  '',
  '## What is measured',
  '',
  '| figure | meaning |',
  '|---|---|',
  '| hit rate | tokens read from a cache, of all input tokens; over all calls of the question. Null when no call has said its tokens |',
  '| write share | of what input has cost, what writing to the cache was; from the priced lines of the calls in the journal. Above 30 % it is worth a look |',
  '| cold call | a call that read nothing from a cache although it wrote to one, or although a call before it in its lane had left something there |',
  '| lane | calls that can share a cache: one organization, seller and model, in one session; without a session of one agent |',
  '| warmth decay | the hit rate by the time since the call before in the lane, beside the lifetimes of five minutes and an hour |',
  '| session overlap | of the different requests (fingerprints) of all sessions, those that an earlier session has made |',
  '',
  'A cold call has a reason: it is the first of its lane, the cache was used within five minutes and is lost all the same (what the prompt begins with has changed),',
  'or the pause was longer than five minutes, or than an hour.',
  '',
  'Hit rate and tokens are of all calls. Everything else is of the calls posted last, whose number the answer says: lanes need single calls, and prices need the',
  'usage that the provider reported, which the journal keeps. Nothing is extrapolated.',
  '',
  '## What it would have cost otherwise',
  '',
  'Each alternative changes the meters of the calls it concerns and prices them again by the rates in force. A call is left out unless its own usage gives its posted',
  'cost to the pico first. A saving below zero is a cost, and is shown as one.',
  '',
  '- **A lifetime of an hour** (`longer_ttl`). Every five-minute write is paid at the price of an hour. A call that came five minutes to an hour after the last use',
  '  of its lane reads what was left there in place of writing it: as much of it as calls within five minutes do read (expected), all of it (most), or what the',
  '  tenth of them that reuses least does (least).',
  '- **Cold starts in warm sessions** (`merged_cold_starts`). A session that starts cold while another one of the same agent and model is warm: its work is given to',
  '  that one. From nothing to all of what it wrote is read, and with it all of the other context. Only a range: figures do not tell what two sessions share.',
  '- **Kept warm** (`keep_warm`). A call that reads the cache every 4.5 minutes for an hour after each call that used it, paid whether the session goes on or not.',
  '',
  'Where fewer than twenty calls show how much of a context is reused, there is a range and no expected saving. Calls that name no session are put together by agent;',
  'where they do not go on from one another (less than half is reused), nothing is expected of them, and the answer asks for `session_id`.',
  '',
]

function proof(comparisons: readonly Comparison[]): string[] {
  return [
    '## How near the estimate comes',
    '',
    'A trace of an hour of conversations with a public chat service (12,031 requests, Mooncake) names the blocks of 512 tokens that each prompt is made of, so that',
    'what a cache would have held is known exactly. It is simulated twice, with a lifetime of five minutes and of an hour. The estimator sees only what a caller would',
    `have reported in the first world: sessions, times, tokens read and written, costs (rates of ${MODEL}). What it says an hour would have saved is compared with the`,
    'second world. A conversation is what goes on alike after the block that all prompts begin with.',
    '',
    '| requests | number | cost, 5 min | true saving, 1 h | expected | least to most | error of saving | error of cost |',
    '|---|---:|---:|---:|---:|---|---:|---:|',
    ...comparisons.map(row),
    '',
    'The trace is of short conversations, most of them of one request: an hour costs more than it saves there, and the estimate says so. For the conversations that',
    'paused it saves, less than expected and within the range: after a long pause less is the same than after a short one, which no caller can see beforehand.',
    '',
    `The true saving lies within the range in ${comparisons.filter(({ isInRange }) => isInRange).length} of ${comparisons.length} rows.`,
  ]
}

function row({ what, requests, costShort, trueSaving, predicted, errorOfSaving, errorOfCost }: Comparison): string {
  const range = predicted.range === null ? 'not known' : `${usd(predicted.range.low)} to ${usd(predicted.range.high)}`
  const expected = predicted.saving === null ? 'not known' : usd(predicted.saving)
  return `| ${[what, requests.toLocaleString('en-US'), usd(costShort), usd(trueSaving), expected, range, percent(errorOfSaving), percent(errorOfCost)].join(' | ')} |`
}

function percent(value: number | null): string {
  return value === null ? '' : `${(100 * value).toFixed(2)} %`
}

function usd(amount: Picos): string {
  const value = Number(usdOfPicos(amount))
  return `${value < 0 ? '-' : ''}$${Math.abs(value).toFixed(2)}`
}
