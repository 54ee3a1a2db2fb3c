import { type Advice, decideAdvice } from '@purser/contract'
import type { Opportunity } from '../../insights/index.ts'
import { fail, formatInstant, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import { opportunitiesFor } from '../analytics/opportunities-for.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { ADVICE, type Decision } from './decisions.ts'
import { withRealised } from './list.ts'

const DAY_MS = 86_400_000
const DAYS = 30

/** Decides on a piece of advice: accepted, dismissed, done, or open again. What it promised is kept with the first decision. Audited. */
export const decideAdviceOperation = implement(decideAdvice, async (context, input): Promise<Result<Advice>> => {
  const { services, caller } = context
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  return answering(async () => {
    const key = { organization: organization.value, kind: ADVICE, id: input.opportunity_id }
    const kept = await services.documents.document(key)
    const before = kept === null ? null : (JSON.parse(kept.body) as Decision)
    const at = services.now()
    const claim = before ?? (await claimOf(context, organization.value, input.opportunity_id, at))
    if (claim === null) {
      const detail = `there is no advice "${input.opportunity_id}" on the last ${DAYS} days of "${organization.value}"`
      return fail(refusal('not_found', detail, { path: '/opportunity_id' }))
    }
    const { state, note } = input
    const decision: Decision = {
      ...claim,
      state,
      note: note ?? null,
      decided_at: formatInstant(at),
      decided_by: caller.actor,
      done_at: state === 'done' ? (before?.state === 'done' ? before.done_at : formatInstant(at)) : null,
    }
    const body = JSON.stringify(decision)
    const audit = { at, organization: organization.value, actor: caller.actor, action: 'decide_advice', target: input.opportunity_id }
    const done = await services.documents.putDocuments(
      [{ ...key, at, body, basedOn: kept?.version ?? (await services.documents.versionOf(key)) }],
      [{ ...audit, before: kept?.body ?? null, after: body }],
    )
    if (!done) return fail(refusal('unavailable', 'somebody else has decided on it at this moment; look, and decide again'))
    return ok(await withRealised(services, decision))
  })
})

type Claim = Pick<Decision, 'opportunity_id' | 'organization_id' | 'type' | 'subject' | 'claimed'>

async function claimOf({ services }: Context, organization: string, id: string, at: Millis): Promise<Claim | null> {
  const span = { from: at - DAYS * DAY_MS, to: at + 1, atLeast: services.committer.head() }
  const { opportunities } = await opportunitiesFor(services, { scope: { organization }, ...span })
  const found = opportunities.find((opportunity) => opportunity.id === id)
  return found === undefined ? null : claimedBy(found, organization, at)
}

function claimedBy(
  { id, type, subject, potentialSavings, range, recommendation }: Opportunity,
  organization_id: string,
  at: Millis,
): Claim {
  const claimed = {
    saving_usd: usdText(potentialSavings),
    low_usd: usdText(range?.low ?? null),
    high_usd: usdText(range?.high ?? null),
    recommendation,
    as_of: formatInstant(at),
  }
  return { opportunity_id: id, organization_id, type, subject, claimed }
}
