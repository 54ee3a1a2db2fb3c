import { fail, type Refusal, type Result, refusal } from '../kernel/index.ts'
import { listAuditOperation } from './administration/audit.ts'
import { rebuildOperation, verifyOperation } from './administration/books.ts'
import {
  healthComponentOperation,
  healthOperation,
  livenessOperation,
  pingOperation,
  readinessOperation,
  versionOperation,
} from './administration/health.ts'
import { createKeyOperation } from './administration/keys/create-key.ts'
import { listKeysOperation } from './administration/keys/list-keys.ts'
import { registerPublicKeyOperation } from './administration/keys/register-public-key.ts'
import { revokeKeyOperation } from './administration/keys/revoke-key.ts'
import { rotateKeyOperation } from './administration/keys/rotate-key.ts'
import { rotateKeysOperation } from './administration/keys/rotate-keys.ts'
import { querySqlOperation } from './administration/sql.ts'
import { ADVICE_OPERATIONS } from './advice/index.ts'
import { AGENT_OPERATIONS } from './agents/index.ts'
import { getWebhookLogsOperation, replayDeliveryOperation, testWebhookOperation } from './alerts/deliveries.ts'
import { listAlertsOperation } from './alerts/list-alerts.ts'
import { listWebhooksOperation, registerWebhookOperation, rotateWebhookSecretOperation } from './alerts/register-webhook.ts'
import { deleteWebhookOperation, updateWebhookOperation } from './alerts/update-webhook.ts'
import { attributeSpendOperation } from './analytics/attribute-spend.ts'
import { callChainOperation } from './analytics/call-chain.ts'
import { explainCallOperation } from './analytics/explain-call.ts'
import { exportReportOperation } from './analytics/export-report.ts'
import { findOpportunitiesOperation, overviewOperation } from './analytics/opportunities.ts'
import { costPerOutcomeOperation } from './analytics/outcomes.ts'
import { spendByAgentOperation, spendByModelOperation, spendBySessionOperation } from './analytics/spend.ts'
import { whatIfOperation } from './analytics/what-if/what-if.ts'
import { workflowPerformanceOperation } from './analytics/workflow-performance.ts'
import { ANOMALY_OPERATIONS } from './anomalies/index.ts'
import { BREAKER_OPERATIONS } from './breakers/index.ts'
import { authorizeCallOperation } from './budgets/authorize.ts'
import { extendHoldOperation, voidHoldOperation } from './budgets/holds.ts'
import { listBudgetsOperation } from './budgets/list-budgets.ts'
import { removeBudgetOperation } from './budgets/remove-budget.ts'
import { setBudgetOperation } from './budgets/set-budget.ts'
import { CHARGEBACK_OPERATIONS } from './chargeback/index.ts'
import { type Caller, type Context, LOCAL_CALLER, type RateContext, type RateServices, type Services } from './context.ts'
import { EFFICIENCY_OPERATIONS } from './efficiency/index.ts'
import { FLEET_OPERATIONS } from './fleet/index.ts'
import { FOCUS_OPERATIONS } from './focus/index.ts'
import { FORECAST_OPERATIONS } from './forecast/index.ts'
import { GATEWAY_POLICY_OPERATIONS } from './gateway/policies/index.ts'
import { INVOICE_OPERATIONS } from './invoices/index.ts'
import { MARKET_OPERATIONS } from './market/index.ts'
import { MONITORING_OPERATIONS } from './monitoring/index.ts'
import type { Operation } from './operation.ts'
import { listDiscountsOperation, setDiscountsOperation } from './pricing/discounts.ts'
import { estimateOperation } from './pricing/estimate.ts'
import { listFxOperation, setFxOperation } from './pricing/fx.ts'
import { importFeedOperation } from './pricing/import-feed.ts'
import { listRatesOperation, rateHistoryOperation } from './pricing/list-rates.ts'
import { priceOperation } from './pricing/price.ts'
import { repriceOperation } from './pricing/reprice.ts'
import { retractRateOperation } from './pricing/retract-rate.ts'
import { setRatesOperation } from './pricing/set-rates.ts'
import { reconcileCostsOperation } from './reconciliation/reconcile-costs.ts'
import { REPORTING_OPERATIONS } from './reporting/index.ts'
import { endSessionOperation, startSessionOperation } from './tracking/sessions.ts'
import { settleCallOperation, trackCallOperation } from './tracking/track-call.ts'
import { trackCallsOperation } from './tracking/track-calls.ts'
import { endWorkflowOperation, startWorkflowOperation } from './tracking/workflows.ts'
import { WALLET_OPERATIONS } from './wallets/index.ts'

/** Runs one operation by its name. */
export type Invoke = (operation: string, input: unknown) => Promise<Result<unknown, Refusal>>

/** Operations that need rates alone: they work on the bundled catalog, with no data folder. */
const RATE_OPERATIONS: readonly Operation<RateContext>[] = [priceOperation, estimateOperation, listRatesOperation, rateHistoryOperation]

/** Every capability, once. */
export const OPERATIONS: ReadonlyMap<string, Operation> = byName<Context>([
  startWorkflowOperation,
  endWorkflowOperation,
  trackCallOperation,
  trackCallsOperation,
  startSessionOperation,
  endSessionOperation,
  pingOperation,
  authorizeCallOperation,
  settleCallOperation,
  extendHoldOperation,
  voidHoldOperation,
  setBudgetOperation,
  listBudgetsOperation,
  removeBudgetOperation,
  registerWebhookOperation,
  listWebhooksOperation,
  updateWebhookOperation,
  deleteWebhookOperation,
  testWebhookOperation,
  rotateWebhookSecretOperation,
  getWebhookLogsOperation,
  replayDeliveryOperation,
  listAlertsOperation,
  ...BREAKER_OPERATIONS,
  ...ANOMALY_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...WALLET_OPERATIONS,
  ...MARKET_OPERATIONS,
  ...FLEET_OPERATIONS,
  ...GATEWAY_POLICY_OPERATIONS,
  ...MONITORING_OPERATIONS,
  spendByAgentOperation,
  spendByModelOperation,
  spendBySessionOperation,
  workflowPerformanceOperation,
  callChainOperation,
  attributeSpendOperation,
  findOpportunitiesOperation,
  overviewOperation,
  exportReportOperation,
  ...FOCUS_OPERATIONS,
  reconcileCostsOperation,
  explainCallOperation,
  whatIfOperation,
  costPerOutcomeOperation,
  ...EFFICIENCY_OPERATIONS,
  ...ADVICE_OPERATIONS,
  ...CHARGEBACK_OPERATIONS,
  ...FORECAST_OPERATIONS,
  ...REPORTING_OPERATIONS,
  ...INVOICE_OPERATIONS,
  ...RATE_OPERATIONS,
  setRatesOperation,
  retractRateOperation,
  importFeedOperation,
  listFxOperation,
  setFxOperation,
  listDiscountsOperation,
  setDiscountsOperation,
  repriceOperation,
  querySqlOperation,
  createKeyOperation,
  registerPublicKeyOperation,
  listKeysOperation,
  rotateKeyOperation,
  rotateKeysOperation,
  revokeKeyOperation,
  listAuditOperation,
  verifyOperation,
  rebuildOperation,
  healthOperation,
  healthComponentOperation,
  livenessOperation,
  readinessOperation,
  versionOperation,
])

/** The registry for a program in this process: the person at this machine asks, unless said otherwise. */
export function createInvoke(services: Services, caller: Caller = LOCAL_CALLER): Invoke {
  return invoking(OPERATIONS, { services, caller })
}

/** The same for the operations that need rates alone. */
export function createRateInvoke(services: RateServices, caller: Caller = LOCAL_CALLER): Invoke {
  return invoking(byName(RATE_OPERATIONS), { services, caller })
}

function invoking<C>(operations: ReadonlyMap<string, Operation<C>>, context: C): Invoke {
  return (name, input) => {
    const operation = operations.get(name)
    return operation === undefined
      ? Promise.resolve(fail(refusal('not_found', `there is no operation "${name.slice(0, 80)}" here`)))
      : operation.run(context, input)
  }
}

function byName<C>(operations: readonly Operation<C>[]): ReadonlyMap<string, Operation<C>> {
  return new Map(operations.map((operation) => [operation.name, operation]))
}
