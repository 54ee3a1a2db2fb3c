import type { Operation } from '../operation.ts'
import { getEscrowOperation, openEscrowOperation, refundEscrowOperation, releaseEscrowOperation } from './escrows.ts'
import { getWalletOperation, listWalletsOperation } from './list-wallets.ts'
import {
  depositWalletOperation,
  earnWalletOperation,
  fundWalletOperation,
  payWalletOperation,
  withdrawWalletOperation,
} from './move-money.ts'
import { openWalletOperation } from './open-wallet.ts'
import { agentProfitOperation } from './profit.ts'
import { walletStatementOperation } from './statement.ts'

/** What agents have, and how it moves. */
export const WALLET_OPERATIONS: readonly Operation[] = [
  openWalletOperation,
  listWalletsOperation,
  getWalletOperation,
  depositWalletOperation,
  withdrawWalletOperation,
  fundWalletOperation,
  payWalletOperation,
  earnWalletOperation,
  walletStatementOperation,
  agentProfitOperation,
  openEscrowOperation,
  getEscrowOperation,
  releaseEscrowOperation,
  refundEscrowOperation,
]
