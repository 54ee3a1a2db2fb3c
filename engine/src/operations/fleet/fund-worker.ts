import { fundWorker, type WorkerFunded } from '@purser/contract'
import { assert, fail, ok, type Picos, periodAt, picos, type Refusal, type Result, refusal, usdOfPicos, ZERO } from '../../kernel/index.ts'
import {
  type AuditDraft,
  type BudgetRule,
  balanceOf,
  type JournalEntry,
  matchOf,
  type RecordCommand,
  type WalletTransfer,
  walletAccount,
  walletCounter,
} from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { settingOf } from '../budgets/set-budget.ts'
import { setTogether, type WantedBudget } from '../budgets/set-together.ts'
import type { Context, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { positiveAmount } from '../validation/index.ts'
import { openingOfEmptyWallet } from '../wallets/open-wallet.ts'

/**
 * Tops the wallet of a worker up to what a task may cost, from the wallet of its orchestrator, and limits the worker to that for today, in one
 * transaction. What the worker has already is not moved again. With a task's id it is done once: again, it says what was done then and what the worker
 * has now, whatever has become of its wallet and its limit; with another amount, worker or orchestrator it is `id_reused`.
 */
export const fundWorkerOperation = implement(fundWorker, async (context, input): Promise<Result<WorkerFunded>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const budget = positiveAmount(input.task_budget_usd, '/task_budget_usd')
  if (!budget.ok) return budget
  if (input.orchestrator === input.worker) {
    return fail(refusal('invalid_field', 'an agent cannot fund itself', { path: '/worker' }))
  }
  const id = input.task_id ?? context.services.newId()
  const task: Task = { ...input, id, organization: organization.value, budget: budget.value, cap: input.cap !== false }
  const before = await context.services.ledger.findEntry(organization.value, 'wallet_transfer', eventId(task))
  return before === null ? fund(context, task) : doneBefore(context, task, transferOf(before))
})

interface Task {
  readonly id: string
  readonly organization: string
  readonly orchestrator: string
  readonly worker: string
  readonly budget: Picos
  readonly cap: boolean
}

/** Of the transfer, and of the setting of the cap: each is an event of another kind. */
function eventId({ id }: Pick<Task, 'id'>): string {
  return `task:${id}`
}

async function fund(context: Context, task: Task): Promise<Result<WorkerFunded>> {
  const { services } = context
  const { organization, orchestrator, worker, budget } = task
  const openings: RecordCommand[] = []
  for (const agent of [orchestrator, worker]) {
    const opening = await openingOfEmptyWallet(context, organization, agent)
    if (opening !== null) openings.push(opening)
  }
  const at = services.now()
  const memo = `task ${task.id}`
  const transfer = { id: eventId(task), type: 'fund', agent: orchestrator, to: worker, amount: ZERO, memo, at, upTo: budget } as const
  const audit = auditOf(context, task, at)
  const moves: RecordCommand = { kind: 'record', organization, recordedAt: at, event: { kind: 'wallet_transfer', transfer }, audit }
  const set = task.cap ? [await capOf(context, task)] : []
  const done = await setTogether(context, organization, { first: [...openings, moves], set })
  if (!done.ok) return fail(inOwnWords(done.error))
  const posted = done.value.first.at(-1)
  assert(posted !== undefined, 'the transfer was posted')
  const cap = done.value.budgets[0]?.budget
  return ok(await answerOf(context, task, transferOf(posted.entry), cap ?? null, posted.replayed))
}

function auditOf({ caller }: Context, { organization, id, orchestrator, worker, budget }: Task, at: number): AuditDraft {
  const after = JSON.stringify({ task_id: id, orchestrator, worker, task_budget_usd: usdOfPicos(budget) })
  return { at, organization, actor: caller.actor, action: 'fund_worker', target: worker, before: null, after }
}

async function doneBefore(context: Context, task: Task, transfer: WalletTransfer): Promise<Result<WorkerFunded>> {
  const { ledger } = context.services
  const entry = await ledger.findEntry(task.organization, 'budget_set', eventId(task))
  const cap = entry?.event.kind === 'budget_set' ? entry.event.setting.rule : null
  const differing = differenceFrom(task, transfer, cap !== null)
  if (differing !== null) return fail(differing)
  const shown = cap === null ? null : { budget_id: cap.id, limit_usd: usdOfPicos(cap.limit) }
  return ok(await answerOf(context, task, transfer, shown, true))
}

/** Why the same id cannot stand for this task, too; null when it does. What an earlier program funded has no record of the budget and the cap. */
function differenceFrom(task: Task, { agent, to, upTo }: WalletTransfer, capped: boolean): Refusal | null {
  const fields: (readonly [string, unknown, unknown])[] = [
    ['orchestrator', agent, task.orchestrator],
    ['worker', to, task.worker],
  ]
  if (upTo !== undefined) fields.push(['task_budget_usd', usdOfPicos(upTo), usdOfPicos(task.budget)], ['cap', capped, task.cap])
  const differing = fields.find(([, before, now]) => before !== now)
  if (differing === undefined) return null
  const [field, recorded, received] = differing
  return refusal('id_reused', `task "${task.id}" was funded before with another ${field}: ${String(recorded)}, now ${String(received)}`, {
    path: `/${field}`,
    facts: { id: task.id, field, recorded, received },
  })
}

async function answerOf(
  context: Context,
  task: Task,
  { amount }: WalletTransfer,
  cap: { readonly budget_id: string; readonly limit_usd: string } | null,
  replayed: boolean,
): Promise<WorkerFunded> {
  return {
    worker: task.worker,
    orchestrator: task.orchestrator,
    moved_usd: usdOfPicos(amount),
    available_usd: usdOfPicos(await available(context, task)),
    budget_id: cap?.budget_id ?? null,
    limit_usd: cap?.limit_usd ?? null,
    replayed,
  }
}

async function available({ services }: Context, { organization, worker }: Task): Promise<Picos> {
  const account = await services.ledger.account(organization, walletAccount(worker))
  const counter = await services.ledger.counter(walletCounter(organization, worker))
  return account === null ? ZERO : picos(balanceOf(account) - (counter?.held ?? 0n))
}

/** What the worker may still spend today is what the task may cost: what it has spent and holds already counts on top. */
async function capOf(context: Context, task: Task): Promise<WantedBudget> {
  const { organization, worker, budget } = task
  const { services } = context
  const rules = await services.ledger.budgets(organization)
  const known = rules.find(
    ({ dimension, value, period, zone }) => dimension === 'agent' && value === worker && period.unit === 'day' && zone === 'UTC',
  )
  const spent = known === undefined ? await spentToday(context, organization, worker) : await usedOf(services, known, services.now())
  const setting =
    known === undefined ? { organization_id: organization, dimension: 'agent', value: worker, period: 'day' } : settingOf(known)
  const input = { ...setting, limit_usd: usdOfPicos(picos(spent + budget)) }
  return { input, settingId: eventId(task), limitPath: '/task_budget_usd' }
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

function transferOf({ event }: JournalEntry): WalletTransfer {
  assert(event.kind === 'wallet_transfer', 'an entry is found under its own kind')
  return event.transfer
}

/** A refusal of the transfer names its fields; the caller knows them by other names. */
function inOwnWords(refused: Refusal): Refusal {
  const path = refused.path === undefined ? undefined : OWN_PATHS[refused.path]
  return path === undefined ? refused : { ...refused, path }
}

const OWN_PATHS: Readonly<Record<string, string>> = {
  '/amount': '/task_budget_usd',
  '/agent_name': '/orchestrator',
  '/to_agent': '/worker',
}
