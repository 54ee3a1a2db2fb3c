import type { CallStore, Measures, PriceableCall } from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'
import { findInLarge } from './examine.ts'
import { countWords, usdWords } from './money-words.ts'
import type { Finding, OpportunityQuestion } from './opportunity.ts'
import { priorityOf } from './priority.ts'
import { hasSiblings } from './siblings.ts'
import { type MainSpend, MODELS_MAX } from './spend.ts'
import { rangeFrom, SWAP_RISK, type Swaps, shownIds, swapCalls } from './swap.ts'

/** A model that takes a quarter of the bill is worth a look. */
const MODEL_COST_PERCENT = 25n
const MODEL_CALLS_MIN = 10

/**
 * A small call: a few pages in, at most a page or so out, and no reasoning. Routing, extraction and short answers look like this, and they are
 * what a smaller model is made for. Longer work is left out, whatever it would save.
 */
const SMALL_CALL_INPUT_TOKENS_MAX = 4_000
const SMALL_CALL_OUTPUT_TOKENS_MAX = 1_000

/** Models with a large share of the cost whose small calls a cheaper sibling could serve. */
export async function expensiveModels(store: CallStore, question: OpportunityQuestion, spend: Promise<MainSpend>): Promise<Finding[]> {
  const { models } = await spend
  const large = {
    dimension: 'model',
    breakdown: models,
    linesMax: MODELS_MAX,
    callsMin: MODEL_CALLS_MIN,
    costPercent: MODEL_COST_PERCENT,
  } as const
  return await findInLarge(store, question, large, ({ value: model, ...group }, calls) => {
    const small = calls.filter((call) => isSmall(call) && hasSiblings(call.seller, call.model))
    if (small.length === 0) return []
    const swaps = swapCalls(small, question.reprice)
    if (swaps.saving !== null && swaps.savings.length === 0) return []
    return [findingOf(model, group, { swaps, small, examined: calls.length }, models.total.cost)]
  })
}

export function isSmall(call: PriceableCall): boolean {
  return (
    call.inputTokens <= SMALL_CALL_INPUT_TOKENS_MAX &&
    call.outputTokens <= SMALL_CALL_OUTPUT_TOKENS_MAX &&
    call.reasoningTokens === 0 &&
    call.usageEvidence !== 'missing'
  )
}

function isTiny(call: PriceableCall): boolean {
  return 2 * call.inputTokens <= SMALL_CALL_INPUT_TOKENS_MAX && 2 * call.outputTokens <= SMALL_CALL_OUTPUT_TOKENS_MAX
}

interface Evidence {
  readonly swaps: Swaps
  readonly small: readonly PriceableCall[]
  readonly examined: number
}

function findingOf(model: string, group: Measures, { swaps, small, examined }: Evidence, total: Picos): Finding {
  const opportunity = {
    id: `expensive_model:${model}`,
    type: 'expensive_model' as const,
    priority: priorityOf(swaps.saving, group.cost, total),
    subject: model,
    currentCost: group.cost,
    calls: {
      count: group.calls,
      unpriced: group.unpriced,
      examined,
      saving: swaps.savings.length,
      callIds: shownIds(swaps.savings, small),
    },
    alternativeModels: swaps.alternatives,
    recommendation: recommend(model, group, swaps, small.length),
    assumption:
      swaps.saving === null
        ? 'None: no saving is claimed, because no sibling of the model has a price for these calls.'
        : `Calls with at most ${SMALL_CALL_INPUT_TOKENS_MAX} tokens in, ${SMALL_CALL_OUTPUT_TOKENS_MAX} out and no reasoning need no large model, and the cheaper one uses the same number of tokens.`,
    potentialSavings: swaps.saving,
    range: rangeFrom(swaps, isTiny, 'from those of its small calls that are not half as long as that, to all its small calls'),
    risk: SWAP_RISK,
  }
  return { opportunity, byCall: swaps.savings, byRepeat: [], byRun: [] }
}

function recommend(model: string, group: Measures, swaps: Swaps, small: number): string {
  const costs = `Model "${model}" costs ${usdWords(group.cost)} for ${countWords(group.calls, 'call')}`
  if (swaps.saving === null)
    return `${costs}, of which ${small} are small. What a cheaper sibling would cost is not known; set its rate to see.`
  const models = swaps.alternatives.join(', ')
  return `${costs}. Send its ${countWords(swaps.savings.length, 'small call')} to ${models}: ${usdWords(swaps.costAfter)} in place of ${usdWords(swaps.costBefore)}, ${usdWords(swaps.saving)} less.`
}
