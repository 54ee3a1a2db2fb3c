import { type Advice, listAdvice } from '@purser/contract'
import { type MeasuredWindow, type OpportunityType, realisedSaving } from '../../insights/index.ts'
import { divideHalfEven, formatInstant, ok, picos, picosOfUsd, type Result, sumPicos, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { type Decision, decisionsOf } from './decisions.ts'

/** All advice that was decided on; of what is done, what it has saved since. */
export const listAdviceOperation = implement(
  listAdvice,
  async ({ services, caller }, input): Promise<Result<{ advice: Advice[]; realised_usd: string | null }>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    return answering(async () => {
      const decisions = (await decisionsOf(services, organization.value)).filter(
        ({ state }) => input.state === undefined || state === input.state,
      )
      const advice: Advice[] = []
      for (const decision of decisions) advice.push(await withRealised(services, decision))
      const known = advice.flatMap(({ realised }) =>
        typeof realised?.saving_usd === 'string' ? [picosOfUsd(realised.saving_usd) ?? ZERO] : [],
      )
      return ok({ advice, realised_usd: known.length === 0 ? null : usdOfPicos(sumPicos(known)) })
    })
  },
)

/** A decision with what was measured since it was done. */
export async function withRealised(services: Pick<Services, 'calls' | 'committer' | 'now'>, decision: Decision): Promise<Advice> {
  const { done_at, type, subject, organization_id } = decision
  if (done_at === null) return { ...decision, realised: null }
  const { measure, before, after, saving, reason } = await realisedSaving(services.calls, {
    scope: { organization: organization_id },
    atLeast: services.committer.head(),
    type: type as OpportunityType,
    subject,
    doneAt: Date.parse(done_at),
    now: services.now(),
  })
  return {
    ...decision,
    realised: { measure, saving_usd: usdText(saving), before: windowAnswer(before), after: windowAnswer(after), reason },
  }
}

function windowAnswer({ from, to, calls, amount }: MeasuredWindow): NonNullable<Advice['realised']>['before'] {
  const each = calls === 0 ? null : picos(divideHalfEven(amount, BigInt(calls)))
  return { from: formatInstant(from), to: formatInstant(to), calls, cost_usd: usdOfPicos(amount), per_call_usd: usdText(each) }
}
