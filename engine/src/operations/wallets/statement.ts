import { type Statement, walletStatement } from '@purser/contract'
import { ALL_TIME, formatInstant, ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import { balanceChange, type JournalEntry, walletAccount } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { timeOr } from '../validation/index.ts'
import { walletOf } from './wallet-answer.ts'

const LINES = 1_000

/** What moved in a wallet, but for calls. */
export const walletStatementOperation = implement(walletStatement, async ({ services, caller }, input): Promise<Result<Statement>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = ownAgent(caller, input.agent_name, '/agent_name')
  if (!agent.ok) return agent
  const from = timeOr(input.from, '/from', ALL_TIME.start)
  if (!from.ok) return from
  const to = timeOr(input.to, '/to', ALL_TIME.end)
  if (!to.ok) return to
  const wallet = await walletOf(services.ledger, organization.value, agent.value)
  if (!wallet.ok) return wallet
  const most = input.limit ?? LINES
  const range = { from: from.value, to: to.value }
  const entries = await services.ledger.walletEntries(organization.value, agent.value, range, 0, most + 1)
  return ok({
    wallet: wallet.value,
    lines: entries.slice(0, most).map((entry) => lineOf(entry, agent.value)),
    truncated: entries.length > most,
  })
})

type Line = Statement['lines'][number]

function lineOf(entry: JournalEntry, agent: string): Line {
  const amount = usdOfPicos(balanceChange(entry, walletAccount(agent)))
  return { seq: entry.seq, amount_usd: amount, ...factsOf(entry, agent) }
}

function factsOf({ event }: JournalEntry, agent: string): Omit<Line, 'seq' | 'amount_usd'> {
  switch (event.kind) {
    case 'wallet_transfer': {
      const { id, type, to, memo, at } = event.transfer
      const other = to === agent ? event.transfer.agent : to
      return { at: formatInstant(at), type, id, other_agent: other, memo }
    }
    case 'escrow_open': {
      const { id, payee, memo, at } = event.escrow
      return { at: formatInstant(at), type: 'escrow_open', id, other_agent: payee, memo }
    }
    case 'escrow_end': {
      const { id, refunded, reason, at } = event.end
      return { at: formatInstant(at), type: refunded === 0n ? 'escrow_release' : 'escrow_refund', id, other_agent: null, memo: reason }
    }
    case 'wallet_open':
      return { at: formatInstant(event.wallet.at), type: 'open', id: event.wallet.id, other_agent: null, memo: null }
    default:
      throw new Error(`a ${event.kind} is on no statement`)
  }
}
