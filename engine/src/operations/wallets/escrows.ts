import { type EscrowChanged, getEscrow, openEscrow, refundEscrow, releaseEscrow } from '@purser/contract'
import { assert, fail, formatInstant, ok, type Picos, picos, type Result, refusal, usdOfPicos, ZERO } from '../../kernel/index.ts'
import type { EscrowEnd, EscrowOpening, JournalEntry, LedgerStore } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { positiveAmount, statedAmount } from '../validation/index.ts'

/** Sets an agent's money aside for another. */
export const openEscrowOperation = implement(openEscrow, async ({ services, caller }, input): Promise<Result<EscrowChanged>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const payer = ownAgent(caller, input.payer, '/payer')
  if (!payer.ok) return payer
  const amount = positiveAmount(input.amount_usd, '/amount_usd')
  if (!amount.ok) return amount
  const now = services.now()
  const id = input.escrow_id ?? services.newId()
  const escrow: EscrowOpening = { id, payer: payer.value, payee: input.payee, amount: amount.value, memo: input.memo ?? null, at: now }
  const event = { kind: 'escrow_open', escrow } as const
  const posted = await services.committer.submit({ kind: 'record', organization: organization.value, recordedAt: now, event })
  if (!posted.ok) return posted
  const found = await findEscrow(services.ledger, organization.value, id)
  return found.ok ? ok({ ...answerOf(found.value), replayed: posted.value.replayed }) : found
})

export const getEscrowOperation = implement(getEscrow, async ({ services, caller }, input): Promise<Result<EscrowChanged>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const found = await findEscrow(services.ledger, organization.value, input.escrow_id)
  if (!found.ok) return found
  const { payer, payee } = found.value.escrow
  if (caller.agent !== null && caller.agent !== payer && caller.agent !== payee) return fail(noEscrow(input.escrow_id))
  return ok({ ...answerOf(found.value), replayed: false })
})

/** Pays the payee all of it, or a part: then the rest goes back. */
export const releaseEscrowOperation = implement(releaseEscrow, (context, input) =>
  end(context, input, 'payer', ({ amount }) => {
    if (input.amount_usd === undefined || input.amount_usd === null) return ok(amount)
    return statedAmount(input.amount_usd, '/amount_usd')
  }),
)

/** Gives all of it back. */
export const refundEscrowOperation = implement(refundEscrow, (context, input) => end(context, input, 'payee', () => ok(ZERO)))

async function end(
  { services, caller }: Context,
  input: { readonly escrow_id: string; readonly reason?: string | null; readonly organization_id?: string | null },
  by: 'payer' | 'payee',
  paidOf: (escrow: EscrowOpening) => Result<Picos>,
): Promise<Result<EscrowChanged>> {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const found = await findEscrow(services.ledger, organization.value, input.escrow_id)
  if (!found.ok) return found
  const { escrow } = found.value
  if (caller.agent !== null && caller.agent !== escrow[by]) {
    const takesPart = caller.agent === escrow.payer || caller.agent === escrow.payee
    return fail(takesPart ? refusal('forbidden', `only the ${by} can do this`, { path: '/escrow_id' }) : noEscrow(input.escrow_id))
  }
  const paid = paidOf(escrow)
  if (!paid.ok) return paid
  const now = services.now()
  const ended: EscrowEnd = {
    id: escrow.id,
    paid: paid.value,
    refunded: picos(escrow.amount - paid.value),
    reason: input.reason ?? null,
    at: now,
  }
  const posted = await services.committer.submit({
    kind: 'record',
    organization: organization.value,
    recordedAt: now,
    event: { kind: 'escrow_end', end: ended },
  })
  if (!posted.ok) return posted
  return ok({ ...answerOf({ ...found.value, ended: posted.value.entry }), replayed: posted.value.replayed })
}

interface FoundEscrow {
  readonly organization: string
  readonly escrow: EscrowOpening
  readonly ended: JournalEntry | null
}

async function findEscrow(ledger: LedgerStore, organization: string, id: string): Promise<Result<FoundEscrow>> {
  const [opened, ended] = await Promise.all([
    ledger.findEntry(organization, 'escrow_open', id),
    ledger.findEntry(organization, 'escrow_end', id),
  ])
  if (opened === null) return fail(noEscrow(id))
  assert(opened.event.kind === 'escrow_open', 'an entry is found under its own kind')
  return ok({ organization, escrow: opened.event.escrow, ended })
}

function noEscrow(id: string): ReturnType<typeof refusal> {
  return refusal('not_found', `there is no escrow "${id}" here`, { path: '/escrow_id' })
}

function answerOf({ organization, escrow, ended }: FoundEscrow): Omit<EscrowChanged, 'replayed'> {
  const end = ended?.event.kind === 'escrow_end' ? ended.event.end : null
  return {
    escrow_id: escrow.id,
    organization_id: organization,
    payer: escrow.payer,
    payee: escrow.payee,
    amount_usd: usdOfPicos(escrow.amount),
    memo: escrow.memo,
    status: statusOf(end),
    paid_usd: end === null ? null : usdOfPicos(end.paid),
    refunded_usd: end === null ? null : usdOfPicos(end.refunded),
    opened_at: formatInstant(escrow.at),
    ended_at: end === null ? null : formatInstant(end.at),
  }
}

function statusOf(end: EscrowEnd | null): EscrowChanged['status'] {
  if (end === null) return 'open'
  if (end.refunded === 0n) return 'released'
  return end.paid === 0n ? 'refunded' : 'split'
}
