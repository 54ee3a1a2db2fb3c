import { type WhatIfAnswer, whatIf } from '@purser/contract'
import { fail, formatInstant, ok, type Result, refusal } from '../../../kernel/index.ts'
import { implement } from '../../operation.ts'
import { periodAnswer } from '../../wire/measures-answer.ts'
import { questionOf } from '../../wire/question.ts'
import { filtersWhere } from '../../wire/where.ts'
import { answering } from '../faults.ts'
import { replay } from './replay.ts'
import { CALLS_LOOKED_AT_MAX, scenario } from './scenario.ts'

/** What calls would have cost under changes, or what a budget would have refused of them. */
export const whatIfOperation = implement(whatIf, async (context, input): Promise<Result<WhatIfAnswer>> => {
  const { changes, where, prices_at: pricesAt = 'call', budget, decide_by: decideBy, call_ids: callIds, ...rest } = input
  const asked = questionOf(context, rest)
  if (!asked.ok) return asked
  const filters = filtersWhere(where, '/where')
  if (!filters.ok) return filters
  const all = [...(asked.value.query.where ?? []), ...filters.value]
  const question = { ...asked.value, query: { ...asked.value.query, ...(all.length === 0 ? {} : { where: all }) } }
  if (budget !== undefined && (changes !== undefined || pricesAt === 'now')) {
    return fail(
      refusal('invalid_field', 'a budget is put before the calls as they were: ask about changes by themselves', { path: '/budget' }),
    )
  }
  const { services } = context
  const about = { period: periodAnswer(question.query), as_of: formatInstant(services.now()) }
  return answering<WhatIfAnswer>(async () => {
    if (budget === undefined) {
      const answer = await scenario(services, question, { changes: changes ?? [], pricesAt, callsMax: CALLS_LOOKED_AT_MAX })
      return answer.ok ? ok({ ...about, scenario: answer.value, budget: null }) : answer
    }
    const answer = await replay(context, question, {
      budget,
      organization: rest.organization_id,
      decideBy: decideBy ?? 'cost',
      callIdsMax: callIds ?? CALL_IDS,
    })
    return answer.ok ? ok({ ...about, scenario: null, budget: answer.value }) : answer
  })
})

const CALL_IDS = 100
