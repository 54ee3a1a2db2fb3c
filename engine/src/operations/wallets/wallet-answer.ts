import type { Wallet } from '@purser/contract'
import { fail, ok, picos, type Result, refusal, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { type AccountState, balanceOf, type LedgerStore, walletAccount, walletCounter } from '../../ledger/index.ts'

/** A wallet as it stands now. `not_found` when the agent has none. */
export async function walletOf(ledger: LedgerStore, organization: string, agent: string, path = '/agent_name'): Promise<Result<Wallet>> {
  const account = await ledger.account(organization, walletAccount(agent))
  if (account === null) {
    return fail(refusal('not_found', `agent "${agent}" has no wallet in organization "${organization}"; open one first`, { path }))
  }
  const counter = await ledger.counter(walletCounter(organization, agent))
  return ok(walletAnswer(account, agent, counter?.held ?? ZERO))
}

/** A wallet in the spelling of the wire. */
export function walletAnswer(account: AccountState, agent: string, held: bigint): Wallet {
  const balance = balanceOf(account)
  return {
    wallet_id: account.account,
    organization_id: account.organization,
    agent_name: agent,
    balance_usd: usdOfPicos(balance),
    held_usd: usdOfPicos(picos(held)),
    available_usd: usdOfPicos(picos(balance - held)),
    received_usd: usdOfPicos(account.debits),
    spent_usd: usdOfPicos(account.credits),
  }
}
