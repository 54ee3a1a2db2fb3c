import type { BudgetSet, WhatIfBudgetReplayed, WhatIfQuestion } from '@purser/contract'
import type { Filter } from '../../../calls/index.ts'
import { type BudgetCall, type BudgetReplay, callsInOrder, type Refusals, replayBudget } from '../../../insights/index.ts'
import {
  ALL_TIME,
  fail,
  formatInstant,
  formatPeriod,
  type Millis,
  ok,
  type Picos,
  picos,
  type Result,
  refusal,
  usdOfPicos,
} from '../../../kernel/index.ts'
import { type BudgetRule, type CallScope, callScope, type JournalEntry, matchesOf, windowStart } from '../../../ledger/index.ts'
import { organizationOf } from '../../authority/scope.ts'
import { runChains } from '../../budgets/run-chains.ts'
import { settingOf } from '../../budgets/set-budget.ts'
import { countsTheSame, statedRule } from '../../budgets/stated-rule.ts'
import type { Context, Services } from '../../context.ts'
import { rounded } from '../../wire/measures-answer.ts'
import type { Question } from '../../wire/question.ts'
import { callPieces } from './posted-usages.ts'

/** Calls that count in the budget and are kept to be put in order. */
const CALLS_MAX = 500_000
const LINES_MAX = 1_000

export interface ReplayAsked {
  readonly budget: NonNullable<WhatIfQuestion['budget']>
  readonly organization: string | undefined
  readonly decideBy: 'cost' | 'hold'
  readonly callIdsMax: number
}

/** What a budget would have refused of the calls of a time. */
export async function replay(context: Context, question: Question, asked: ReplayAsked): Promise<Result<WhatIfBudgetReplayed>> {
  const { services } = context
  const organization = organizationOf(context.caller, asked.organization)
  if (!organization.ok) return organization
  const rules = await services.ledger.budgets(organization.value)
  const stated = ruleOf(asked.budget, rules, organization.value, services.now())
  if (!stated.ok) return stated
  const calls = await callsBefore(services, stated.value, question, asked.decideBy)
  if (!calls.ok) return calls
  const replayed = replayBudget(stated.value, calls.value, asked.callIdsMax)
  const existing = rules.find((rule) =>
    asked.budget.budget_id == null ? countsTheSame(rule, stated.value) : rule.id === asked.budget.budget_id,
  )
  return ok({
    ...answerOf(stated.value, replayed, asked),
    existing: existing === undefined ? null : await existingAnswer(services, existing, question),
  })
}

/** The budget that is asked about: a known one with what is to be otherwise, or a new one. It counts from the beginning of time. */
function ruleOf(budget: ReplayAsked['budget'], rules: readonly BudgetRule[], organization: string, now: Millis): Result<BudgetRule> {
  const { budget_id: id, ...said } = budget
  const known = id == null ? undefined : rules.find((rule) => rule.id === id)
  if (id != null && known === undefined) return fail(refusal('not_found', `there is no budget "${id}" here`, { path: '/budget/budget_id' }))
  const { dimension, period, limit_usd: limit } = { ...(known === undefined ? {} : settingOf(known)), ...said }
  if (dimension === undefined || period === undefined || limit === undefined) {
    const missing = dimension === undefined ? 'dimension' : period === undefined ? 'period' : 'limit_usd'
    return fail(refusal('missing_field', `a new budget needs ${missing}`, { path: `/budget/${missing}` }))
  }
  const input: BudgetSet = { ...(known === undefined ? {} : settingOf(known)), ...said, dimension, period, limit_usd: limit }
  const rule = statedRule(input, organization, now)
  if (!rule.ok) return fail({ ...rule.error, ...(rule.error.path === undefined ? {} : { path: `/budget${rule.error.path}` }) })
  return ok({ ...rule.value, id: id ?? NO_ID, mode: 'hard', countsFrom: ALL_TIME.start })
}

const NO_ID = ''

/** The calls that count in the budget, from the beginning of the period in which the question begins, as the journal has them. */
async function callsBefore(
  services: Services,
  rule: BudgetRule,
  { query }: Question,
  decideBy: 'cost' | 'hold',
): Promise<Result<BudgetCall[]>> {
  const { ledger } = services
  const head = query.atLeast
  const start = query.from === undefined ? Number.NEGATIVE_INFINITY : windowStart(rule.period, rule.zone, query.from)
  const to = query.to ?? Number.POSITIVE_INFINITY
  const asked = await askedSeqs(services, query)
  const runsOf = runChains(ledger, rule.organization)
  const calls: BudgetCall[] = []
  for await (const piece of callPieces(ledger, { from: start, to }, head)) {
    const corrections = new Map<number, bigint>()
    for (const { callSeq, entry } of piece.adjustments) {
      if (entry.seq <= head && entry.event.kind === 'adjustment') {
        corrections.set(callSeq, (corrections.get(callSeq) ?? 0n) + entry.event.adjustment.delta)
      }
    }
    for (const entry of piece.entries) {
      const at = countedAt(entry)
      if (at === null || entry.organization !== rule.organization || at < start || at >= to) continue
      const scope = await scopeOf(entry, rule, runsOf)
      if (scope === null || matchesOf([rule], scope, at).length === 0) continue
      if (calls.length === CALLS_MAX) {
        const detail = `more than ${CALLS_MAX} calls count in this budget from the beginning of its period: ask about less time`
        return fail(refusal('query_limit', detail, { path: '/budget' }))
      }
      const isAsked = at >= (query.from ?? at) && (asked === null || asked.has(entry.seq))
      calls.push(callOf(entry, { at, scope, isAsked, correction: corrections.get(entry.seq), decideBy }))
    }
  }
  return ok(calls)
}

/** The calls that pass the question's filters; null: all do. */
async function askedSeqs({ calls }: Services, query: Question['query']): Promise<ReadonlySet<number> | null> {
  const filters: readonly Filter[] = query.where ?? []
  if (filters.length === 0) return null
  const seqs = new Set<number>()
  for await (const row of callsInOrder(calls, query, query.atLeast)) if (row.calls === 1) seqs.add(row.seq)
  return seqs
}

function countedAt({ event, settled }: JournalEntry): Millis | null {
  return event.kind === 'call' ? (settled?.at ?? event.call.at) : null
}

/** As the ledger counted it: with the runs above as far as they were known then. */
async function scopeOf(
  { organization, seq, event }: JournalEntry,
  rule: BudgetRule,
  runsOf: ReturnType<typeof runChains>,
): Promise<CallScope | null> {
  if (event.kind !== 'call') return null
  const { call } = event
  const runs = rule.dimension === 'run' ? await runsOf(call.run, seq) : call.run === null ? [] : [call.run]
  return callScope(organization, runs, { model: call.usage.modelRequested, seller: call.usage.seller, key: call.key }, call)
}

interface Counted {
  readonly at: Millis
  readonly scope: CallScope
  readonly isAsked: boolean
  readonly correction: bigint | undefined
  readonly decideBy: 'cost' | 'hold'
}

function callOf({ seq, event, settled }: JournalEntry, { at, scope, isAsked, correction, decideBy }: Counted): BudgetCall {
  const call = event.kind === 'call' ? event.call : null
  const posted = call?.charge.amount ?? null
  const cost: Picos | null = posted === null && correction === undefined ? null : picos((posted ?? 0n) + (correction ?? 0n))
  const hold = decideBy === 'hold' && settled !== undefined ? { amount: settled.amount, fallback: settled.plan?.fallback ?? null } : null
  return { seq, callId: call?.id ?? '', at, scope, cost, hold, isAsked }
}

function answerOf(rule: BudgetRule, replayed: BudgetReplay, { decideBy }: ReplayAsked): Omit<WhatIfBudgetReplayed, 'existing'> {
  const { lines, callIds, runs, decidedByHold } = replayed
  return {
    budget: {
      budget_id: rule.id === NO_ID ? null : rule.id,
      organization_id: rule.organization,
      dimension: rule.dimension,
      value: rule.value,
      period: formatPeriod(rule.period),
      zone: rule.zone,
      limit_usd: usdOfPicos(rule.limit),
      unpriced: rule.unpriced,
    },
    decided_by: decideBy,
    decided_by_hold: decidedByHold,
    ...refusalsAnswer(replayed),
    refused_share_of_cost: replayed.cost === 0n ? null : rounded(Number(replayed.refusedCost) / Number(replayed.cost), 6),
    lines: lines.slice(0, LINES_MAX).map((line) => ({
      value: line.value,
      period_start: line.periodStart === null ? null : formatInstant(line.periodStart),
      ...refusalsAnswer(line),
      spent: usdOfPicos(line.spent),
      first_refusal_at: line.firstRefusalAt === null ? null : formatInstant(line.firstRefusalAt),
    })),
    lines_total: lines.length,
    call_ids: [...callIds],
    runs: {
      with_calls: runs.withCalls,
      hit: runs.hit,
      share: runs.withCalls === 0 ? null : rounded(runs.hit / runs.withCalls, 6),
      workflow_ids: [...runs.ids],
    },
    assumptions: [decideBy === 'hold' ? BY_HOLD : BY_COST, ...ALWAYS],
  }
}

const BY_COST =
  'Each call is decided by what it has cost. Before it is made only its worst case is known, which is more, so the budget would have refused a little earlier.'
const BY_HOLD =
  'Calls that were held for are decided by what was held, the others by what they have cost. What other calls hold at the same moment is not counted.'
const ALWAYS = [
  'Every call is taken to have asked before it was made; calls that are only reported are counted and never refused.',
  'Calls that were refused in reality are not in the journal, and not in this.',
  'What would have come after a refusal, such as a retry or an end of the work, is not known: the other calls are taken as they were.',
]

function refusalsAnswer({ calls, cost, refused, refusedCost, refusedUnpriced }: Refusals) {
  return {
    calls,
    cost: usdOfPicos(cost),
    refused_calls: refused,
    refused_cost: usdOfPicos(refusedCost),
    refused_unpriced_calls: refusedUnpriced,
  }
}

/** The budget as it is, and the periods of the time in which it has refused for want of room. */
async function existingAnswer(
  { ledger }: Services,
  rule: BudgetRule,
  { query: { from, to } }: Question,
): Promise<WhatIfBudgetReplayed['existing']> {
  const start = from === undefined ? Number.NEGATIVE_INFINITY : windowStart(rule.period, rule.zone, from)
  const counters = await ledger.counters(rule.organization)
  const refused = counters.filter(
    (counter) =>
      counter.budget === rule.id &&
      counter.exhaustedSeq !== 0 &&
      counter.start >= start &&
      counter.start < (to ?? Number.POSITIVE_INFINITY),
  )
  return {
    budget_id: rule.id,
    limit_usd: usdOfPicos(rule.limit),
    mode: rule.mode,
    refused_in: refused.map(({ value, start: at }) => ({ value, period_start: at <= ALL_TIME.start ? null : formatInstant(at) })),
  }
}
