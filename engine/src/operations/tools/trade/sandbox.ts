import { walletAccount } from '../../../ledger/index.ts'
import { openWalletOperation } from '../../wallets/open-wallet.ts'
import { inside, type ToolContext } from '../tool.ts'

/** What a wallet starts with where things are tried out, in US dollars. */
export const SANDBOX_CREDITS_USD = '500'

/** A server on a loopback address that nobody has made a key for: whoever asks is the person at this machine, trying things out. */
export function isSandbox({ services }: ToolContext): boolean {
  return services.about.auth === 'local' && services.keyring.isEmpty()
}

/** In the sandbox an agent has a wallet with credits as soon as it is asked for; anywhere else somebody opens it, and puts money in. */
export async function stock(context: ToolContext, agent: string): Promise<void> {
  if (!isSandbox(context)) return
  const { organization } = context
  const account = await context.services.ledger.account(organization, walletAccount(agent))
  if (account !== null) return
  await openWalletOperation.run(inside(context), { organization_id: organization, agent_name: agent, opening_usd: SANDBOX_CREDITS_USD })
}
