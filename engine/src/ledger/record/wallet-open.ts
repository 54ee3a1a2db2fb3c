import { fail, ok, picos, type Result, refusal } from '../../kernel/index.ts'
import { changeHeld } from '../budget/count.ts'
import { putHold } from '../budget/draft-budgets.ts'
import { type Draft, openAccount, post, postedIn } from '../draft.ts'
import type { Posted, RecordCommand } from '../records.ts'
import { transfersOfOpening, walletAccount } from '../wallet/accounts.ts'
import type { WalletOpening } from '../wallet/records.ts'
import { WALLET_BUDGET, walletCounter } from '../wallet/standing.ts'

/**
 * Opens the wallet of an agent. Opened again, whatever is said then, it is the same wallet and nothing moves. Calls of the agent that are
 * being made are held in it from now on.
 */
export function recordWalletOpen(draft: Draft, command: RecordCommand, event: { readonly wallet: WalletOpening }): Result<Posted> {
  const { organization } = command
  const { wallet } = event
  const first = postedIn(draft, organization, 'wallet_open', wallet.id)
  if (first !== undefined) return ok({ entry: first, replayed: true })
  if (wallet.opening < 0n) return fail(refusal('invalid_field', 'a wallet does not start with a debt', { path: '/opening_usd' }))
  openAccount(draft, organization, walletAccount(wallet.id))
  holdForThoseUnderWay(draft, organization, wallet.id)
  return post(draft, command, { kind: 'wallet_open', wallet }, { transfers: transfersOfOpening(wallet) })
}

/** Calls that are being made while the wallet is opened will be paid from it like those that begin after. */
function holdForThoseUnderWay(draft: Draft, organization: string, agent: string): void {
  const counter = walletCounter(organization, agent)
  const holds = new Map([...draft.loaded.holds, ...draft.holds])
  for (const hold of holds.values()) {
    if (hold === null || hold.organization !== organization || hold.expiredAt !== null || hold.scope.agent !== agent) continue
    const amount = hold.amount ?? hold.fallback ?? picos(0n)
    if (amount === 0n || hold.held.some((held) => held.counter.budget === WALLET_BUDGET)) continue
    changeHeld(draft, counter, amount)
    putHold(draft, { ...hold, held: [...hold.held, { counter, amount }] })
  }
}
