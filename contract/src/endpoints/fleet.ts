import { BudgetsRebalanced, FundWorker, Invoice, InvoiceQuery, RebalanceBudgets, WorkerFunded } from '../fleet.ts'
import { endpoint } from './endpoint.ts'

const family = 'Fleets'

export const fundWorker = endpoint({
  operation: 'fund_worker',
  method: 'POST',
  path: '/v1/finops/fleet/fund-worker',
  input: FundWorker,
  answer: WorkerFunded,
  permission: 'manage',
  family,
  idempotencyField: 'task_id',
  summary: 'Give a worker what a task may cost',
  description:
    'Moves only what the worker lacks from the wallet of the orchestrator, and limits the worker to the task’s budget, all or none. Wallets that are not there are opened. The same `task_id` again moves nothing and raises no limit, whatever the worker has spent since; with another amount, worker, orchestrator or `cap` it is a conflict.',
  example: { input: { orchestrator: 'orchestrator', worker: 'researcher', task_budget_usd: '15' } },
})

export const rebalanceBudgets = endpoint({
  operation: 'rebalance_budgets',
  method: 'POST',
  path: '/v1/finops/fleet/rebalance',
  input: RebalanceBudgets,
  answer: BudgetsRebalanced,
  permission: 'manage',
  family,
  summary: 'Move budget of a day from idle agents to busy ones',
  example: { input: { dry_run: true } },
})

export const customerInvoice = endpoint({
  operation: 'customer_invoice',
  method: 'POST',
  path: '/v1/finops/fleet/invoice',
  input: InvoiceQuery,
  answer: Invoice,
  permission: 'read',
  family,
  summary: 'What a customer’s agents cost, with a markup',
  example: { input: { customer_id: 'customer_1', agents: ['researcher'], markup_pct: 20 } },
})

export const FLEET = [fundWorker, rebalanceBudgets, customerInvoice] as const
