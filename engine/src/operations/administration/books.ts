import { type RebuildAnswer, rebuildCalls, type VerifyAnswer, verifyBooks } from '@purser/contract'
import { type AmountDifference, verify } from '../../calls/index.ts'
import { ok, type Picos, type Result, usdOfPicos } from '../../kernel/index.ts'
import { AUDIT_START, checkAudit } from '../../ledger/index.ts'
import { answering } from '../analytics/faults.ts'
import { wholeInstallation } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'

const AUDIT_PAGE = 1_000

/** Compares journal, ledger and analytics to the last pico-dollar, and checks the chain of the audit. */
export const verifyOperation = implement(verifyBooks, async ({ services, caller }): Promise<Result<VerifyAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  return answering(async () => {
    const head = services.committer.head()
    await services.calls.aggregate({ scope: { allOrganizations: true }, groupBy: [], atLeast: head, limit: 1 })
    const journal = boundedJournal(services, head)
    const found = await verify(journal, services.calls, await services.ledger.accounts(null))
    const audit = await auditCheck(services)
    const projectionAgrees = found.amounts.length === 0
    return ok({
      ok: found.agrees && audit.ok,
      checks: [
        { name: 'analytics', ok: projectionAgrees, detail: sums(found.journalCost, found.projectionCost, found.calls) },
        {
          name: 'accounts',
          ok: found.accounts.length === 0,
          detail:
            found.accounts.length === 0
              ? 'every account is what the transfers of the journal make it'
              : found.accounts.map(({ organization, account }) => `${organization}/${account}`).join(', '),
        },
        audit,
      ],
      differences: found.amounts.map(differenceAnswer),
      head: found.head,
      calls: found.calls,
      cost: usdOfPicos(found.journalCost),
    })
  })
})

/** Drops the analytics store and projects the journal again from its start. */
export const rebuildOperation = implement(rebuildCalls, async ({ services, caller }): Promise<Result<RebuildAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  return answering(async () => {
    const head = services.committer.head()
    await services.calls.rebuild(head)
    const { calls, cost } = await services.calls.sums()
    return ok({ entries: head, calls, cost: usdOfPicos(cost) })
  })
})

/** The journal as it was when the comparison began: what arrives meanwhile is not compared. */
function boundedJournal(services: Services, head: number) {
  return {
    head: () => head,
    read: async (after: number, limit: number) => (await services.ledger.read(after, limit)).filter((entry) => entry.seq <= head),
    close: () => undefined,
  }
}

async function auditCheck(services: Services): Promise<VerifyAnswer['checks'][number]> {
  let check = AUDIT_START
  for (;;) {
    const entries = await services.audits.auditTrail(null, check.seq, AUDIT_PAGE)
    check = checkAudit(check, entries)
    if (check.broken !== null) {
      return { name: 'audit', ok: false, detail: `entry ${check.broken.seq} is not what was written (${check.broken.why})` }
    }
    if (entries.length < AUDIT_PAGE) return { name: 'audit', ok: true, detail: `${check.seq} entries, each chained to the one before` }
  }
}

function sums(journal: Picos, projection: Picos, calls: number): string {
  const amount = usdOfPicos(journal)
  return journal === projection
    ? `${calls} calls, $${amount} in journal and analytics`
    : `$${amount} in the journal, $${usdOfPicos(projection)} in analytics`
}

function differenceAnswer(row: AmountDifference): VerifyAnswer['differences'][number] {
  const side = (amount: AmountDifference['journal']): string | null =>
    amount === null ? null : amount === 'unpriced' ? 'unpriced' : usdOfPicos(amount)
  return {
    organization_id: row.organization,
    call_id: row.callId,
    seq: row.seq,
    journal: side(row.journal),
    projection: side(row.projection),
  }
}
