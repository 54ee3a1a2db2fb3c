import { getWallet, listWallets, type Wallet, type WalletsAnswer } from '@purser/contract'
import { ok, type Result, ZERO } from '../../kernel/index.ts'
import { agentOfWallet, isWalletAccount, rowKey, WALLET_BUDGET } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf, readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { walletAnswer, walletOf } from './wallet-answer.ts'

/** What one agent has. */
export const getWalletOperation = implement(getWallet, async ({ services, caller }, input): Promise<Result<Wallet>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = ownAgent(caller, input.agent_name, '/agent_name')
  return agent.ok ? walletOf(services.ledger, organization.value, agent.value) : agent
})

/** What every agent has. */
export const listWalletsOperation = implement(listWallets, async ({ services, caller }, input): Promise<Result<WalletsAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const [accounts, counters] = await Promise.all([services.ledger.accounts(organization), services.ledger.counters(organization)])
  const ofWallets = counters.filter(({ budget }) => budget === WALLET_BUDGET)
  const held = new Map(ofWallets.map((counter) => [rowKey(counter.organization, counter.value), counter.held]))
  const wallets = accounts.filter(({ account }) => isWalletAccount(account))
  return ok({
    wallets: wallets.map((account) => {
      const agent = agentOfWallet(account.account)
      return walletAnswer(account, agent, held.get(rowKey(account.organization, agent)) ?? ZERO)
    }),
  })
})
