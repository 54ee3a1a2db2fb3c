import type { CallStore, RepeatRow } from '../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { queryOf } from './examine.ts'
import { countWords, usdWords } from './money-words.ts'
import { CALL_IDS_MAX, type Finding, type OpportunityQuestion } from './opportunity.ts'
import { priorityOf } from './priority.ts'
import type { MainSpend } from './spend.ts'

/** Groups of equal requests that are read, those with the dearest repetition first. */
const REPEAT_GROUPS_MAX = 250

/**
 * Requests that an agent sent again, to the same model, within the question's time: the real cost of every call but the first. One
 * opportunity per agent, since it is the agent that a cache goes into. A repetition of which no price is known adds no saving; it is counted.
 */
export async function repeatedCalls(store: CallStore, question: OpportunityQuestion, spend: Promise<MainSpend>): Promise<Finding[]> {
  const [repeats, { agents }] = await Promise.all([
    store.repeats({ ...queryOf(question), limit: REPEAT_GROUPS_MAX, callIdsMax: question.shownCalls === false ? 1 : CALL_IDS_MAX + 1 }),
    spend,
  ])
  const byAgent = new Map<string | null, RepeatRow[]>()
  for (const repeat of repeats) {
    if (repeat.repeatedCost <= ZERO && repeat.repeatedUnpriced === 0) continue
    byAgent.set(repeat.agent, [...(byAgent.get(repeat.agent) ?? []), repeat])
  }
  const isAll = repeats.length < REPEAT_GROUPS_MAX
  return [...byAgent].map(([agent, groups]) => findingOf(agent, groups, agents.total.cost, isAll))
}

function findingOf(agent: string | null, groups: readonly RepeatRow[], total: Picos, isAll: boolean): Finding {
  const known = groups.filter((group) => group.repeatedCost > ZERO)
  const saving = known.length === 0 ? null : sumPicos(known.map((group) => group.repeatedCost))
  const currentCost = sumPicos(groups.map((group) => group.cost))
  const count = groups.reduce((calls, group) => calls + group.calls, 0)
  const repeated = count - groups.length
  const unpriced = groups.reduce((calls, group) => calls + group.unpriced, 0)
  const repeatedUnpriced = groups.reduce((calls, group) => calls + group.repeatedUnpriced, 0)
  const opportunity = {
    id: agent === null ? 'repeated_calls' : `repeated_calls:${agent}`,
    type: 'repeated_calls' as const,
    priority: priorityOf(saving, currentCost, total),
    subject: agent,
    currentCost,
    calls: {
      count,
      unpriced,
      examined: count,
      saving: repeated - repeatedUnpriced,
      callIds: groups.flatMap((group) => group.callIds.slice(1)).slice(0, CALL_IDS_MAX),
    },
    alternativeModels: [],
    recommendation: `${agent === null ? 'Calls that name no agent' : `Agent "${agent}"`} sent ${isAll ? '' : 'at least '}${countWords(groups.length, 'request')} more than once: ${repetitionsOf(repeated, repeatedUnpriced, saving)}. Keep the answers and use them again.`,
    assumption:
      saving === null
        ? 'None: no saving is claimed, because no price of a repetition is known.'
        : 'The same request may be answered by the answer it got before, for as long as the time that was looked at.',
    potentialSavings: saving,
    range:
      saving === null
        ? null
        : {
            low: outsideFailedRuns(known),
            high: saving,
            words: 'from the repetitions outside of failed runs, where trying again may have been right, to all of them',
          },
    risk: { level: 'low' as const, words: 'A kept answer may be old, and a model asked twice need not say the same.' },
  }
  return { opportunity, byCall: [], byRepeat: known.map(repeatSaving), byRun: [] }
}

function outsideFailedRuns(groups: readonly RepeatRow[]): Picos {
  return sumPicos(groups.map(({ repeatedCost, inFailedRuns }) => picos(repeatedCost - sumPicos(inFailedRuns.map(({ cost }) => cost)))))
}

function repetitionsOf(repeated: number, unpriced: number, saving: Picos | null): string {
  if (saving === null) return `what the ${countWords(repeated, 'repetition')} cost is not known`
  const unknown = unpriced === 0 ? '' : `, without the ${unpriced} of which no price is known`
  return `${countWords(repeated, 'repetition')} cost ${usdWords(saving)}${unknown}`
}

function repeatSaving(group: RepeatRow): Finding['byRepeat'][number] {
  const { organization, fingerprint, model, callIds, repeatedCost, inFailedRuns } = group
  return { organization, fingerprint, model, firstCallId: callIds[0] ?? null, saving: repeatedCost, inFailedRuns }
}
