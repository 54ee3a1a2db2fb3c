import { assert, formatPeriod, type Period, parsePeriod } from '../../kernel/index.ts'
import type { ServiceTier } from '../../usage/index.ts'
import type { HoldState } from '../budget/hold-state.ts'
import type { CrossedRule, Crossing, ToldRule } from '../budget/room.ts'
import type { BudgetDimension, BudgetMode, BudgetRule, CounterKey, CounterState, UnpricedPolicy } from '../budget/rule.ts'
import type { CallScope } from '../budget/scope.ts'
import type { BudgetExhaustion, BudgetSetting, ExhaustedBudget, ExtendedHold, Hold, HoldPlan, Settled } from '../records.ts'
import { decodeAttribution, encodeAttribution } from './attribution.ts'
import { amountOf, arrayOf, type Json, nullableAmount, nullableNumber, nullableText, numberOf, shaped, textOf } from './json.ts'

/** Twelve positions, the nine of the attribution, then what later programs added. */
export function encodeHold(hold: Hold): Json {
  return [
    hold.id,
    hold.run,
    hold.key,
    hold.model,
    hold.seller,
    hold.meters,
    hold.asked,
    hold.at,
    hold.deadline,
    amountText(hold.amount),
    amountText(hold.fallback),
    encodeHeld(hold.held),
    ...encodeAttribution(hold),
    hold.tier,
    hold.region,
    hold.fingerprint,
  ]
}

export function decodeHold(values: readonly Json[], organization: string): Hold {
  const [id, run, key, model, seller, meters, asked, at, deadline, amount, fallback, held] = values
  return {
    id: textOf(id),
    run: nullableText(run ?? null),
    key: nullableText(key ?? null),
    model: textOf(model),
    seller: textOf(seller),
    meters: shaped<Hold['meters']>(meters),
    asked: shaped<Hold['asked']>(asked),
    at: numberOf(at),
    deadline: numberOf(deadline),
    amount: nullableAmount(amount ?? null),
    fallback: nullableAmount(fallback ?? null),
    held: decodeHeld(held, organization),
    ...decodeAttribution(values, 12),
    tier: tierOf(values[21]),
    region: nullableText(values[22] ?? null),
    fingerprint: nullableText(values[23] ?? null),
  }
}

export function encodeExtension({ id, call, deadline, amount, at, held, fallback, meters }: ExtendedHold): Json {
  return [id, call, deadline, amountText(amount), at, encodeHeld(held), amountText(fallback), meters]
}

export function decodeExtension(values: readonly Json[], organization: string): ExtendedHold {
  const [id, call, deadline, amount, at, held, fallback, meters] = values
  return {
    id: textOf(id),
    call: textOf(call),
    deadline: numberOf(deadline),
    amount: nullableAmount(amount ?? null),
    at: numberOf(at),
    held: decodeHeld(held, organization),
    fallback: nullableAmount(fallback ?? null),
    meters: nullableMeters(meters),
  }
}

export function encodeSetting({ id, rule, opening, throughSeq }: BudgetSetting): Json {
  return [id, encodeRule(rule), opening.map(encodeCounter), throughSeq]
}

export function decodeSetting([id, rule, opening, throughSeq]: readonly Json[], organization: string): BudgetSetting {
  return {
    id: textOf(id),
    rule: decodeRule(arrayOf(rule), organization),
    opening: arrayOf(opening).map((counter) => decodeCounter(counter, organization)),
    throughSeq: numberOf(throughSeq),
  }
}

/** A rule without its organization, which stands beside it wherever it is kept. */
export function encodeRule(rule: BudgetRule): Json {
  const { id, name, dimension, value, period, zone, limit, mode, thresholds, watched, unpriced, createdAt, countsFrom, raisedSeq } = rule
  const fixed = [
    id,
    name,
    dimension,
    value,
    formatPeriod(period),
    zone,
    limit.toString(),
    mode,
    thresholds,
    unpriced,
    createdAt,
    countsFrom,
  ]
  if (raisedSeq === undefined) return watched === undefined ? fixed : [...fixed, watched]
  return [...fixed, watched ?? 0, raisedSeq]
}

export function decodeRule(values: readonly Json[], organization: string): BudgetRule {
  const [id, name, dimension, value, period, zone, limit, mode, thresholds, unpriced, createdAt, countsFrom, watched = 0, raisedSeq] =
    values
  return {
    organization,
    id: textOf(id),
    name: nullableText(name ?? null),
    dimension: textOf(dimension) as BudgetDimension,
    value: textOf(value),
    period: periodOf(textOf(period)),
    zone: textOf(zone),
    limit: amountOf(limit),
    mode: textOf(mode) as BudgetMode,
    thresholds: arrayOf(thresholds).map(numberOf),
    unpriced: textOf(unpriced) as UnpricedPolicy,
    createdAt: numberOf(createdAt),
    countsFrom: numberOf(countsFrom),
    ...(watched === 0 ? {} : { watched: arrayOf(watched).map(numberOf) }),
    ...(raisedSeq === undefined ? {} : { raisedSeq: numberOf(raisedSeq) }),
  }
}

function periodOf(text: string): Period {
  const period = parsePeriod(text)
  assert(period.ok, 'the period of a budget was checked when it was set')
  return period.value
}

/** What a store keeps of a hold beside its organization and id. */
export function encodeHoldState(hold: HoldState): string {
  const { scope, meters, at, deadline, amount, fallback, held, expiredAt, tier, region, breakers } = hold
  const { runs, model, seller, key } = scope
  return JSON.stringify([
    [runs, model, seller, key, ...encodeAttribution(scope)],
    at,
    deadline,
    amountText(amount),
    amountText(fallback),
    encodeHeld(held),
    expiredAt,
    meters,
    tier,
    region,
    breakers,
  ])
}

export function decodeHoldState(organization: string, id: string, body: string): HoldState {
  const [scope, at, deadline, amount, fallback, held, expiredAt, meters, tier, region, breakers = []] = arrayOf(JSON.parse(body) as Json)
  return {
    organization,
    id,
    scope: decodeScope(arrayOf(scope), organization),
    meters: shaped<HoldState['meters']>(meters),
    at: numberOf(at),
    deadline: numberOf(deadline),
    amount: nullableAmount(amount ?? null),
    fallback: nullableAmount(fallback ?? null),
    held: decodeHeld(held, organization),
    expiredAt: nullableNumber(expiredAt ?? null),
    tier: tierOf(tier),
    region: nullableText(region ?? null),
    breakers: arrayOf(breakers).map(textOf),
  }
}

function decodeScope(values: readonly Json[], organization: string): CallScope {
  const [runs, model, seller, key] = values
  return {
    organization,
    runs: arrayOf(runs).map(textOf),
    model: nullableText(model ?? null),
    seller: textOf(seller),
    key: nullableText(key ?? null),
    ...decodeAttribution(values, 4),
  }
}

export function encodeSettled({ at, amount, plan }: Settled): Json {
  return plan === null ? [at, amountText(amount)] : [at, amountText(amount), ...encodePlan(plan)]
}

export function decodeSettled([at, amount, ...plan]: readonly Json[]): Settled {
  return { at: numberOf(at), amount: nullableAmount(amount ?? null), plan: plan.length === 0 ? null : decodePlan(plan) }
}

function encodePlan({ model, seller, tier, region, meters, fallback }: HoldPlan): Json[] {
  return [model, seller, tier, region, meters, amountText(fallback)]
}

function decodePlan([model, seller, tier, region, meters, fallback]: readonly Json[]): HoldPlan {
  return {
    model: nullableText(model ?? null),
    seller: textOf(seller),
    tier: tierOf(tier),
    region: nullableText(region ?? null),
    meters: shaped<HoldPlan['meters']>(meters),
    fallback: nullableAmount(fallback ?? null),
  }
}

function tierOf(tier: Json): ServiceTier | null {
  return nullableText(tier ?? null) as ServiceTier | null
}

function nullableMeters(meters: Json): HoldPlan['meters'] | null {
  return meters === null || meters === undefined ? null : shaped<HoldPlan['meters']>(meters)
}

export function encodeCrossing({ budget, value, periodStart, threshold, level, spent, limit, rule }: Crossing): Json {
  const fixed = [budget, value, periodStart, threshold, level.toString(), spent.toString(), limit.toString()]
  return rule === undefined ? fixed : [...fixed, encodeCrossedRule(rule)]
}

function encodeCrossedRule({ name, dimension, period, zone, mode, resetsAt, watched }: CrossedRule): Json {
  return [name, dimension, formatPeriod(period), zone, mode, resetsAt, watched ? 1 : 0]
}

function decodeCrossedRule([name, dimension, period, zone, mode, resetsAt, watched]: readonly Json[]): CrossedRule {
  return {
    name: nullableText(name ?? null),
    dimension: textOf(dimension) as BudgetDimension,
    period: periodOf(textOf(period)),
    zone: textOf(zone),
    mode: textOf(mode) as BudgetMode,
    resetsAt: nullableNumber(resetsAt ?? null),
    watched: watched === 1,
  }
}

export function decodeCrossing(row: Json): Crossing {
  const [budget, value, periodStart, threshold, level, spent, limit, rule] = arrayOf(row)
  return {
    budget: textOf(budget),
    value: textOf(value),
    periodStart: numberOf(periodStart),
    threshold: numberOf(threshold),
    level: amountOf(level),
    spent: amountOf(spent),
    limit: amountOf(limit),
    ...(rule === undefined ? {} : { rule: decodeCrossedRule(arrayOf(rule)) }),
  }
}

export function encodeExhaustion({ id, call, agent, model, at, budgets }: BudgetExhaustion): Json {
  return [id, call, agent, model, at, budgets.map(encodeExhausted)]
}

export function decodeExhaustion([id, call, agent, model, at, budgets]: readonly Json[]): BudgetExhaustion {
  return {
    id: textOf(id),
    call: textOf(call),
    agent: nullableText(agent ?? null),
    model: nullableText(model ?? null),
    at: numberOf(at),
    budgets: arrayOf(budgets).map(decodeExhausted),
  }
}

function encodeExhausted({ budget, value, periodStart, limit, spent, held, requested, rule }: ExhaustedBudget): Json {
  return [budget, value, periodStart, limit.toString(), spent.toString(), held.toString(), requested.toString(), encodeToldRule(rule)]
}

function decodeExhausted(row: Json): ExhaustedBudget {
  const [budget, value, periodStart, limit, spent, held, requested, rule] = arrayOf(row)
  return {
    budget: textOf(budget),
    value: textOf(value),
    periodStart: numberOf(periodStart),
    limit: amountOf(limit),
    spent: amountOf(spent),
    held: amountOf(held),
    requested: amountOf(requested),
    rule: decodeToldRule(arrayOf(rule)),
  }
}

function encodeToldRule({ name, dimension, period, zone, resetsAt }: ToldRule): Json {
  return [name, dimension, formatPeriod(period), zone, resetsAt]
}

function decodeToldRule([name, dimension, period, zone, resetsAt]: readonly Json[]): ToldRule {
  return {
    name: nullableText(name ?? null),
    dimension: textOf(dimension) as BudgetDimension,
    period: periodOf(textOf(period)),
    zone: textOf(zone),
    resetsAt: nullableNumber(resetsAt ?? null),
  }
}

function encodeHeld(held: Hold['held']): Json {
  return held.map(({ counter, amount }) => [counter.budget, counter.value, counter.start, amount.toString()])
}

function decodeHeld(rows: Json, organization: string): Hold['held'] {
  return arrayOf(rows).map((row) => {
    const [budget, value, start, amount] = arrayOf(row)
    return { counter: keyOf(organization, budget, value, start), amount: amountOf(amount) }
  })
}

function encodeCounter({ budget, value, start, spent }: CounterState): Json {
  return [budget, value, start, spent.toString()]
}

function decodeCounter(row: Json, organization: string): CounterState {
  const [budget, value, start, spent] = arrayOf(row)
  return {
    ...keyOf(organization, budget, value, start),
    spent: amountOf(spent),
    held: amountOf('0'),
    toldTo: amountOf('0'),
    exhaustedSeq: 0,
  }
}

export function encodeCounterKey({ budget, value, start }: CounterKey): Json {
  return [budget, value, start]
}

export function decodeCounterKey(row: Json, organization: string): CounterKey {
  const [budget, value, start] = arrayOf(row)
  return keyOf(organization, budget, value, start)
}

function keyOf(organization: string, budget: Json, value: Json, start: Json): CounterKey {
  return { organization, budget: textOf(budget), value: textOf(value), start: numberOf(start) }
}

function amountText(amount: bigint | null): string | null {
  return amount === null ? null : amount.toString()
}
