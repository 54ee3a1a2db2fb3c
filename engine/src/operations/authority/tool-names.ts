import type { Permission } from '@purser/contract'

/**
 * Tools that a key's list may name beside operations, with the permission each one takes. A tool acts for the agent that the key is bound to and
 * no other, so the key of an agent may hold any of them.
 */
export const TOOL_PERMISSIONS: Readonly<Record<string, Permission>> = {
  create_wallet: 'manage',
  get_balance: 'report',
  deposit: 'manage',
  set_budget_cap: 'manage',
  get_budget_status: 'read',
  get_usage_analytics: 'read',
  get_billing_summary: 'read',
  get_spending_by_category: 'read',
  get_volume_discount: 'read',
  estimate_cost: 'read',
  convert_currency: 'read',
  get_agent_leaderboard: 'read',
  get_platform_stats: 'read',
  create_api_key: 'manage',
  rotate_api_key: 'manage',
  register_webhook: 'manage',
  list_webhooks: 'read',
  update_webhook: 'manage',
  delete_webhook: 'manage',
  get_webhook_logs: 'read',
  search_services: 'report',
  create_escrow: 'report',
  submit_metrics: 'report',
}
