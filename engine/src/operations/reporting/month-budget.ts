import type { BudgetSet } from '@purser/contract'
import { ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import type { BudgetRule } from '../../ledger/index.ts'
import { setTogether } from '../budgets/set-together.ts'
import type { Context } from '../context.ts'
import type { Registration } from './customer.ts'

/** What the budget of the registration is called. By its name it is known again; any other budget of the organization is left alone. */
const NAME = 'Monthly budget'

/** The budgets that registrations have made of this organization. */
export function isMonthBudget({ name, dimension, value, organization, period, mode }: BudgetRule): boolean {
  return name === NAME && dimension === 'organization' && value === organization && period.unit === 'month' && mode === 'soft'
}

/**
 * Makes the ledger's budget say what the registration says: soft, so that it warns and refuses nothing. Gives its id, null without a budget. Where it says so
 * already nothing is posted. In another zone a month is another stretch of time, and so another budget.
 */
export async function alignBudget(context: Context, organization: string, registration: Registration): Promise<Result<string | null>> {
  const rules = (await context.services.ledger.budgets(organization)).filter(isMonthBudget)
  const wanted = registration.monthlyBudget
  const known = wanted === null ? undefined : rules.find(({ zone }) => zone === registration.zone)
  const remove = rules.filter((rule) => rule !== known)
  const thresholds = [...new Set([registration.alertThresholdPct, 100])]
  if (wanted === null || (known !== undefined && known.limit === wanted && same(known.thresholds, thresholds))) {
    if (remove.length > 0) {
      const done = await setTogether(context, organization, { set: [], remove })
      if (!done.ok) return done
    }
    return ok(known?.id ?? null)
  }
  const input: BudgetSet = {
    budget_id: known?.id ?? context.services.newId(),
    name: NAME,
    dimension: 'organization',
    value: organization,
    period: 'month',
    zone: registration.zone,
    limit_usd: usdOfPicos(wanted),
    mode: 'soft',
    thresholds,
    unpriced: 'allow',
  }
  const done = await setTogether(context, organization, { set: [{ input, limitPath: '/monthly_budget' }], remove })
  return done.ok ? ok(done.value.budgets[0]?.budget.budget_id ?? null) : done
}

function same(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index])
}
