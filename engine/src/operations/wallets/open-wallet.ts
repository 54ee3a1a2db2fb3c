import { openWallet, type WalletOpened } from '@purser/contract'
import { assert, formatInstant, ok, type Picos, type Result, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { type AuditDraft, type RecordCommand, walletAccount } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Context } from '../context.ts'
import { implement } from '../operation.ts'
import { statedAmount } from '../validation/index.ts'
import { walletOf } from './wallet-answer.ts'

/** Opens the wallet of an agent, or finds it open. Audited. */
export const openWalletOperation = implement(openWallet, async ({ services, caller }, input): Promise<Result<WalletOpened>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const opening =
    typeof input.opening_usd === 'undefined' || input.opening_usd === null ? ok(ZERO) : statedAmount(input.opening_usd, '/opening_usd')
  if (!opening.ok) return opening
  const opened = await services.committer.submit(openingCommand({ services, caller }, organization.value, input.agent_name, opening.value))
  if (!opened.ok) return opened
  const { entry, replayed } = opened.value
  assert(entry.event.kind === 'wallet_open', 'a wallet is opened by its own event')
  const wallet = await walletOf(services.ledger, organization.value, input.agent_name)
  return wallet.ok ? ok({ ...wallet.value, opened_at: formatInstant(entry.event.wallet.at), existed: replayed }) : wallet
})

/** The command that opens a wallet with nothing in it; null where there is one. */
export async function openingOfEmptyWallet(context: Context, organization: string, agent: string): Promise<RecordCommand | null> {
  const account = await context.services.ledger.account(organization, walletAccount(agent))
  return account === null ? openingCommand(context, organization, agent, ZERO) : null
}

function openingCommand({ services, caller }: Context, organization: string, agent: string, opening: Picos): RecordCommand {
  const now = services.now()
  return {
    kind: 'record',
    organization,
    recordedAt: now,
    event: { kind: 'wallet_open', wallet: { id: agent, opening, at: now } },
    audit: auditOf(caller, organization, agent, opening, now),
  }
}

function auditOf(caller: Caller, organization: string, agent: string, opening: Picos, at: number): AuditDraft {
  const after = JSON.stringify({ agent_name: agent, opening_usd: usdOfPicos(opening) })
  return { at, organization, actor: caller.actor, action: 'open_wallet', target: agent, before: null, after }
}
