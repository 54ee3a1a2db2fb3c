import { watchedOf } from '../../alerts/index.ts'
import type { BudgetRule, RecordCommand } from '../../ledger/index.ts'
import type { Services } from '../context.ts'

/**
 * Makes every budget tell the thresholds that webhooks ask of it; null: in every organization. Done after each change of a webhook or a budget,
 * when that is written: of two changes at once the later sees both. And again now and then, for what could not be posted or was cut off.
 */
export async function watchThresholds(
  services: Pick<Services, 'ledger' | 'alerts' | 'committer' | 'newId' | 'now'>,
  organization: string | null,
  actor: string,
): Promise<void> {
  const [rules, webhooks] = await Promise.all([services.ledger.budgets(organization), services.alerts.webhooks(organization)])
  const commands = rules.flatMap((rule): RecordCommand[] => {
    const watched = watchedOf(rule, webhooks)
    return sameAs(rule.watched ?? [], watched) ? [] : [commandOf(services, { ...rule, watched }, rule, actor)]
  })
  if (commands.length > 0) await services.committer.submitAll(commands)
}

function sameAs(before: readonly number[], after: readonly number[]): boolean {
  return before.length === after.length && before.every((threshold, index) => threshold === after[index])
}

function commandOf(
  services: Pick<Services, 'committer' | 'newId' | 'now'>,
  rule: BudgetRule,
  before: BudgetRule,
  actor: string,
): RecordCommand {
  const now = services.now()
  const text = ({ watched = [] }: BudgetRule): string => JSON.stringify({ watched_thresholds: watched })
  const setting = { id: services.newId(), rule, opening: [], throughSeq: services.committer.head(), watchOnly: true as const }
  return {
    kind: 'record',
    organization: rule.organization,
    recordedAt: now,
    event: { kind: 'budget_set', setting },
    audit: {
      at: now,
      organization: rule.organization,
      actor,
      action: 'watch_thresholds',
      target: rule.id,
      before: text(before),
      after: text(rule),
    },
  }
}
