import { type BudgetWasSet, fundWorker, type WorkerFunded } from '@purser/contract'
import { fail, ok, type Picos, periodAt, picos, type Result, refusal, usdOfPicos, ZERO } from '../../kernel/index.ts'
import { type BudgetRule, balanceOf, type JournalEntry, matchOf, walletAccount, walletCounter } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { setBudgetOperation, settingOf } from '../budgets/set-budget.ts'
import type { Context, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { positiveAmount } from '../validation/index.ts'
import { openEmptyWallet } from '../wallets/open-wallet.ts'

/**
 * Tops the wallet of a worker up to what a task may cost, from the wallet of its orchestrator, and limits the worker to that for today. What the worker
 * has already is not moved again. With a task's id it is done once: again, it only says how things stand.
 */
export const fundWorkerOperation = implement(fundWorker, async (context, input): Promise<Result<WorkerFunded>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const budget = positiveAmount(input.task_budget_usd, '/task_budget_usd')
  if (!budget.ok) return budget
  if (input.orchestrator === input.worker) {
    return fail(refusal('invalid_field', 'an agent cannot fund itself', { path: '/worker' }))
  }
  for (const agent of [input.orchestrator, input.worker]) {
    const opened = await openEmptyWallet(context, organization.value, agent)
    if (!opened.ok) return opened
  }
  const task: Task = { organization: organization.value, ...input, budget: budget.value, id: input.task_id ?? context.services.newId() }
  const before = await context.services.ledger.findEntry(organization.value, 'wallet_transfer', transferId(task))
  const moved = before === null ? await topUp(context, task) : ok(amountOf(before))
  if (!moved.ok) return moved
  const capped = input.cap === false ? ok(null) : await cap(context, task, before !== null)
  if (!capped.ok) return capped
  return ok({
    worker: input.worker,
    orchestrator: input.orchestrator,
    moved_usd: usdOfPicos(moved.value),
    available_usd: usdOfPicos(await available(context, task)),
    budget_id: capped.value?.id ?? null,
    limit_usd: capped.value?.limit ?? null,
    replayed: before !== null,
  })
})

interface Task {
  readonly id: string
  readonly organization: string
  readonly orchestrator: string
  readonly worker: string
  readonly budget: Picos
}

function transferId({ id }: Task): string {
  return `task:${id}`
}

async function topUp(context: Context, task: Task): Promise<Result<Picos>> {
  const lacking = picos(task.budget - (await available(context, task)))
  if (lacking <= 0n) return ok(ZERO)
  const now = context.services.now()
  const posted = await context.services.committer.submit({
    kind: 'record',
    organization: task.organization,
    recordedAt: now,
    event: {
      kind: 'wallet_transfer',
      transfer: {
        id: transferId(task),
        type: 'fund',
        agent: task.orchestrator,
        to: task.worker,
        amount: lacking,
        memo: `task ${task.id}`,
        at: now,
      },
    },
  })
  return posted.ok ? ok(amountOf(posted.value.entry)) : posted
}

async function available({ services }: Context, { organization, worker }: Task): Promise<Picos> {
  const account = await services.ledger.account(organization, walletAccount(worker))
  const counter = await services.ledger.counter(walletCounter(organization, worker))
  return account === null ? ZERO : picos(balanceOf(account) - (counter?.held ?? 0n))
}

/**
 * What the worker may still spend today is what the task may cost: what it has spent and holds already counts on top. Done before, a limit that is there
 * stays; one that is not is set, because whoever asks again may have been cut off after the money moved.
 */
async function cap(context: Context, { organization, worker, budget }: Task, before: boolean): Promise<Result<CapSet>> {
  const { services } = context
  const rules = await services.ledger.budgets(organization)
  const known = rules.find(
    ({ dimension, value, period, zone }) => dimension === 'agent' && value === worker && period.unit === 'day' && zone === 'UTC',
  )
  if (before && known !== undefined) return ok({ id: known.id, limit: usdOfPicos(known.limit) })
  const now = services.now()
  const spent = known === undefined ? await spentToday(context, organization, worker) : await usedOf(services, known, now)
  const limit_usd = usdOfPicos(picos(spent + budget))
  const setting =
    known === undefined ? { organization_id: organization, dimension: 'agent', value: worker, period: 'day' } : settingOf(known)
  const set = await setBudgetOperation.run(context, { ...setting, limit_usd })
  return set.ok ? ok({ id: (set.value as BudgetWasSet).budget.budget_id, limit: limit_usd }) : set
}

interface CapSet {
  readonly id: string
  readonly limit: string
}

async function usedOf({ ledger }: Services, rule: BudgetRule, now: number): Promise<Picos> {
  const { counter } = matchOf(rule, rule.value, now)
  const state = await ledger.counter(counter)
  return state === null ? ZERO : picos(state.spent + state.held)
}

/** Without a budget nobody counts; the calls of the day are added up. */
async function spentToday({ services }: Context, organization: string, agent: string): Promise<Picos> {
  const today = periodAt({ unit: 'day' }, services.now(), 'UTC')
  if (!today.ok) return ZERO
  const [row] = await services.calls.aggregate({
    scope: { organization },
    from: today.value.start,
    to: today.value.end,
    where: [{ dimension: 'agent', in: [agent] }],
    groupBy: [],
    atLeast: services.committer.head(),
  })
  return row?.cost ?? ZERO
}

function amountOf({ event }: JournalEntry): Picos {
  return event.kind === 'wallet_transfer' ? event.transfer.amount : ZERO
}
