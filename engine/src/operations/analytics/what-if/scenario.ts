import type { WhatIfChange, WhatIfScenario } from '@purser/contract'
import {
  assumptionsOf,
  BY_CALL_ONLY,
  bucketLabel,
  type Line,
  type Tallied,
  UNSAID_WORDS,
  type WhatIfMeans,
  type WhatIfQuestion,
  whatIfByCalls,
  whatIfBySums,
} from '../../../insights/index.ts'
import { fail, ok, type Picos, picos, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'
import { usdText } from '../../wire/charge-answer.ts'
import { rounded, usdNumber } from '../../wire/measures-answer.ts'
import type { Question } from '../../wire/question.ts'
import { postedUsages } from './posted-usages.ts'
import { bracketsIn, pricingWith } from './rate-books.ts'
import { statedChanges } from './stated-changes.ts'

/** So many calls are looked at one by one; above that, sums of them are priced. */
export const CALLS_LOOKED_AT_MAX = 200_000

export interface ScenarioAsked {
  readonly changes: readonly WhatIfChange[]
  readonly pricesAt: 'call' | 'now'
  readonly callsMax: number
}

/** What the calls of a question would have cost under changes. */
export async function scenario(services: Services, { query, zone }: Question, asked: ScenarioAsked): Promise<Result<WhatIfScenario>> {
  const stated = statedChanges(asked.changes)
  if (!stated.ok) return stated
  const { changes, rates } = stated.value
  const { pricesAt } = asked
  const question: WhatIfQuestion = { ...query, changes, zone, pricesAt, now: services.now(), throughSeq: query.atLeast }
  const price = pricingWith(services, rates)
  const [all] = await services.calls.aggregate({ ...query, groupBy: [] })
  const count = all?.calls ?? 0
  if (count <= asked.callsMax) {
    const usages: WhatIfMeans['usages'] = (span) => postedUsages(services.ledger, span, query.atLeast)
    return ok(answerOf(await whatIfByCalls(question, { store: services.calls, usages, price }), question, 'calls'))
  }
  const single = changes.findIndex(({ kind }) => BY_CALL_ONLY.includes(kind))
  if (single >= 0) {
    const detail = `this change is looked at call by call, which goes up to ${asked.callsMax} calls, and the question has ${count}: ask about less time or filter`
    return fail(refusal('query_limit', detail, { path: `/changes/${single}` }))
  }
  return ok(answerOf(await whatIfBySums(question, { store: services.calls, price, hasBrackets: bracketsIn(services) }), question, 'sums'))
}

function answerOf(tallied: Tallied, { changes, pricesAt, zone }: WhatIfQuestion, method: 'calls' | 'sums'): WhatIfScenario {
  const { total, unsaid, unsaidPosted, scaled, ways } = tallied
  const isKnown = isPosted(total)
  // Calls without any known cost that are not made cost nothing, and that is known.
  const isSaid = (isKnown || total.affected > 0) && (total.affected === 0 || total.unsaid < total.affected)
  const posted = isKnown ? total.posted : null
  const cost = isSaid ? total.cost : null
  const said = picos(total.posted - unsaidPosted)
  return {
    method,
    prices_at: pricesAt,
    calls: total.calls,
    affected_calls: total.affected,
    unpriced_calls: total.unpriced,
    posted_cost_usd: usdNumber(posted),
    posted_cost: usdText(posted),
    cost_usd: usdNumber(cost),
    cost: usdText(cost),
    difference: cost === null || posted === null ? null : usdOfPicos(picos(cost - posted)),
    is_exact: cost !== null && total.unsaid === 0 && !ways.has('estimated') && !ways.has('brackets'),
    said: {
      calls: total.calls - total.unsaid,
      posted_cost: usdOfPicos(said),
      share_of_cost: total.posted === 0n ? null : rounded(Number(said) / Number(total.posted), 6),
    },
    unsaid: unsaid.map(({ reason, calls, posted: spent, callIds }) => {
      return {
        reason,
        detail: UNSAID_WORDS[reason],
        calls,
        posted_cost: reason === 'unpriced' ? null : usdOfPicos(spent),
        call_ids: [...callIds],
      }
    }),
    range: cost === null || scaled === null ? null : rangeOf(cost, scaled, total.unsaid > 0 && unsaidPosted !== 0n),
    by_model: tallied.byModel.map((line) => ({ model: line.model, ...lineAnswer(line) })),
    by_day: tallied.byDay.map((line) => ({ date: bucketLabel(line.start, 'day', zone), ...lineAnswer(line) })),
    assumptions: assumptionsOf(changes, pricesAt, tallied),
  }
}

function rangeOf(unchanged: Picos, scaled: Picos, isEstimate: boolean): WhatIfScenario['range'] {
  const [low, high] = scaled < unchanged ? [scaled, unchanged] : [unchanged, scaled]
  return { low: usdOfPicos(low), high: usdOfPicos(high), is_estimate: isEstimate }
}

/** Whether something is known of what the calls of a line have cost. */
function isPosted({ calls, unpriced, posted }: Line): boolean {
  return unpriced < calls || calls === 0 || posted !== 0n
}

function lineAnswer(line: Line) {
  const { calls, affected, unsaid, unpriced } = line
  const posted = isPosted(line) ? line.posted : null
  const cost = posted !== null || unsaid < affected ? line.cost : null
  return {
    calls,
    affected_calls: affected,
    unsaid_calls: unsaid,
    unpriced_calls: unpriced,
    posted_cost: usdText(posted),
    cost: usdText(cost),
    difference: cost === null || posted === null ? null : usdOfPicos(picos(cost - posted)),
  }
}
