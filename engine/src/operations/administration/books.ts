import { type RebuildAnswer, rebuildCalls, type VerifyAnswer, verifyBooks } from '@purser/contract'
import { type AmountDifference, type CallAmount, type ProjectedSums, type SumBucket, type Verification, verify } from '../../calls/index.ts'
import { ok, type Picos, picos, type Result, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { AUDIT_START, checkAudit } from '../../ledger/index.ts'
import { answering } from '../analytics/faults.ts'
import { wholeInstallation } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'

const AUDIT_PAGE = 1_000

type Check = VerifyAnswer['checks'][number]

/** Compares journal, ledger and analytics to the last pico-dollar, and checks the chain of the audit. */
export const verifyOperation = implement(verifyBooks, async ({ services, caller }): Promise<Result<VerifyAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  return answering(async () => {
    // What comes later is not compared.
    const { head, accounts, counters, agents } = await services.ledger.books()
    await services.calls.aggregate({ scope: { allOrganizations: true }, groupBy: [], atLeast: head, limit: 1 })
    const found = await verify(journalUpTo(services, head), projectionUpTo(services, head), { accounts, counters, agents })
    const audit = await auditCheck(services)
    const checks = [
      analyticsCheck(found),
      accountsCheck(found),
      budgetsCheck(found, counters.length),
      agentsCheck(found, agents.length),
      audit,
    ]
    return ok({
      ok: checks.every((check) => check.ok),
      checks,
      differences: found.amounts.map(differenceAnswer),
      head: found.journal.head,
      calls: found.journal.calls,
      cost: usdOfPicos(found.journal.cost),
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

function journalUpTo(services: Services, head: number) {
  return {
    head: () => head,
    read: async (after: number, limit: number) => (await services.ledger.read(after, limit)).filter((entry) => entry.seq <= head),
    close: () => undefined,
  }
}

/** The same stretch of the projection. The bucket that the head falls into is compared row by row, whatever its sums. */
function projectionUpTo(services: Services, head: number): ProjectedSums {
  const amounts: ProjectedSums['amounts'] = async (from, to) =>
    (await services.calls.amounts(from, to)).filter((amount) => amount.seq <= head)
  return {
    amounts,
    async sumsBySeq(bucketSize) {
      const buckets = await services.calls.sumsBySeq(bucketSize)
      const lastFrom = Math.floor(head / bucketSize) * bucketSize
      const whole = buckets.filter((bucket) => bucket.fromSeq < lastFrom)
      return [...whole, ...partOf(await amounts(lastFrom, lastFrom + bucketSize), lastFrom, bucketSize)]
    },
  }
}

/** A count that no bucket has, so that it is never taken for equal. */
const UNEQUAL = -1

function partOf(amounts: readonly CallAmount[], fromSeq: number, bucketSize: number): SumBucket[] {
  const costs = new Map<string, Picos>()
  for (const { organization, cost } of amounts) costs.set(organization, picos((costs.get(organization) ?? ZERO) + (cost ?? ZERO)))
  return [...costs].map(([organization, cost]) => ({ organization, fromSeq, toSeq: fromSeq + bucketSize, calls: UNEQUAL, cost }))
}

async function auditCheck(services: Services): Promise<Check> {
  let check = AUDIT_START
  for (;;) {
    const entries = await services.audits.auditTrail(null, check.seq, AUDIT_PAGE)
    check = checkAudit(check, entries)
    if (check.broken !== null) {
      return { name: 'audit', ok: false, detail: `entry ${check.broken.seq} is not what was written (${check.broken.why})` }
    }
    if (entries.length < AUDIT_PAGE)
      return { name: 'audit', ok: true, detail: `${check.seq} ${check.seq === 1 ? 'entry' : 'entries'}, each chained to the one before` }
  }
}

function analyticsCheck({ amounts, amountsTruncated, journal, projectionCost }: Verification): Check {
  const count = `${amounts.length}${amountsTruncated ? ' or more' : ''}`
  return amounts.length === 0 && journal.cost === projectionCost
    ? {
        name: 'analytics',
        ok: true,
        detail: `${journal.calls} ${journal.calls === 1 ? 'call' : 'calls'}, $${usdOfPicos(journal.cost)} in journal and analytics`,
      }
    : {
        name: 'analytics',
        ok: false,
        detail: `$${usdOfPicos(journal.cost)} in the journal, $${usdOfPicos(projectionCost)} in analytics; ${count === '1' ? '1 row differs' : `${count} rows differ`}`,
      }
}

function accountsCheck({ accounts, unbalanced }: Verification): Check {
  const wrong = [
    ...accounts.map(({ organization, account }) => `${organization}/${account}`),
    ...unbalanced.map(({ organization }) => organization),
  ]
  return wrong.length === 0
    ? { name: 'accounts', ok: true, detail: 'every account is what the transfers of the journal make it, and debits equal credits' }
    : { name: 'accounts', ok: false, detail: `not what the journal says: ${[...new Set(wrong)].join(', ')}` }
}

function budgetsCheck({ counters }: Verification, count: number): Check {
  return counters.length === 0
    ? {
        name: 'budgets',
        ok: true,
        detail: `${count} ${count === 1 ? 'counter' : 'counters'}, each what holds and calls of the journal make it`,
      }
    : { name: 'budgets', ok: false, detail: `not what the journal says: ${counters.map(({ stored }) => counterText(stored)).join(', ')}` }
}

function agentsCheck({ agents }: Verification, count: number): Check {
  const wrong = agents.map(({ journal, stored }) => journal ?? stored).filter((state) => state !== null)
  return wrong.length === 0
    ? { name: 'agents', ok: true, detail: `${count} ${count === 1 ? 'state' : 'states'} of agents, each what the journal makes it` }
    : {
        name: 'agents',
        ok: false,
        detail: `not what the journal says: ${wrong.map(({ organization, agent }) => `${organization}/${agent}`).join(', ')}`,
      }
}

function counterText({ organization, budget, value }: { organization: string; budget: string; value: string }): string {
  return `${organization}/${budget}/${value}`
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
