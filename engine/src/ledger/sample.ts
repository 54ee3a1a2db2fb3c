import { type Picos, picos } from '../kernel/index.ts'
import type { Charge, ChargeLine } from '../pricing/index.ts'
import type { Usage } from '../usage/index.ts'
import type { AgentChange } from './agent/state.ts'
import type { BreakerRule } from './breaker/rule.ts'
import type { BudgetRule } from './budget/rule.ts'
import type {
  Adjustment,
  BudgetSetting,
  CallRecord,
  CommandEvent,
  Hold,
  HoldExtension,
  RecordCommand,
  RunEnd,
  RunStart,
  SessionEnd,
  SessionStart,
} from './records.ts'

/** Plain events for tests and benchmarks: say what matters, the rest is the same each time. */
export const SAMPLE_AT = 1_767_225_600_000

export function recordOf(organization: string, event: CommandEvent, recordedAt: number = SAMPLE_AT): RecordCommand {
  return { kind: 'record', organization, recordedAt, event }
}

export function callEvent(call: Partial<CallRecord> & { readonly id: string }): CommandEvent {
  return { kind: 'call', call: sampleCall(call) }
}

export function runStartEvent(run: Partial<RunStart> & { readonly id: string }): CommandEvent {
  return { kind: 'run_start', run: { ...NOTHING_SAID, parentRun: null, at: SAMPLE_AT, atGiven: false, ...run } }
}

export function runEndEvent(run: Partial<RunEnd> & { readonly id: string }): CommandEvent {
  return { kind: 'run_end', run: { at: SAMPLE_AT, atGiven: false, success: true, errorCode: null, ...run } }
}

export function sessionStartEvent(session: Partial<SessionStart> & { readonly id: string }): CommandEvent {
  return { kind: 'session_start', session: { ...NOTHING_SAID, at: SAMPLE_AT, atGiven: false, ...session } }
}

export function sessionEndEvent(session: Partial<SessionEnd> & { readonly id: string }): CommandEvent {
  return { kind: 'session_end', session: { at: SAMPLE_AT, atGiven: false, ...session } }
}

export function adjustmentEvent(adjustment: Partial<Adjustment> & { readonly id: string; readonly call: string }): CommandEvent {
  return {
    kind: 'adjustment',
    adjustment: { delta: picos(0n), charge: sampleCharge(10_000n), reason: 'rates corrected', at: SAMPLE_AT, ...adjustment },
  }
}

export function holdEvent(hold: Partial<Hold> & { readonly id: string }): CommandEvent {
  return {
    kind: 'hold',
    hold: {
      ...NOTHING_SAID,
      run: null,
      key: null,
      model: 'gpt-4o',
      seller: 'openai',
      meters: { input: 1000, output: 500 },
      asked: { input_tokens: 1000, max_output_tokens: 500 },
      at: SAMPLE_AT,
      deadline: SAMPLE_AT + 600_000,
      amount: picos(10_000_000_000n),
      fallback: null,
      tier: null,
      region: null,
      fingerprint: null,
      held: [],
      ...hold,
    },
  }
}

export function holdExtendEvent(extension: Partial<HoldExtension> & { readonly id: string; readonly call: string }): CommandEvent {
  return {
    kind: 'hold_extend',
    extension: { deadline: SAMPLE_AT + 1_200_000, amount: null, at: SAMPLE_AT, fallback: null, meters: null, held: [], ...extension },
  }
}

export function holdVoidEvent(id: string): CommandEvent {
  return { kind: 'hold_void', release: { id, at: SAMPLE_AT, reason: null } }
}

export function holdExpireEvent(id: string, at: number): CommandEvent {
  return { kind: 'hold_expire', release: { id, at, reason: null } }
}

export function budgetSetEvent(rule: Partial<BudgetRule> & { readonly id: string }, setting: Partial<BudgetSetting> = {}): CommandEvent {
  return { kind: 'budget_set', setting: { id: `set ${rule.id}`, rule: sampleBudget(rule), opening: [], throughSeq: 0, ...setting } }
}

export function sampleBudget(rule: Partial<BudgetRule> & { readonly id: string }): BudgetRule {
  return {
    organization: 'org',
    name: null,
    dimension: 'agent',
    value: '*',
    period: { unit: 'day' },
    zone: 'UTC',
    limit: picos(100_000_000_000n),
    mode: 'hard',
    thresholds: [75, 90, 100],
    unpriced: 'deny',
    createdAt: SAMPLE_AT,
    countsFrom: SAMPLE_AT,
    ...rule,
  }
}

export function breakerSetEvent(rule: Partial<BreakerRule> & { readonly id: string }, id = `set ${rule.id}`): CommandEvent {
  return { kind: 'breaker_set', setting: { id, rule: sampleBreaker(rule) } }
}

export function sampleBreaker(rule: Partial<BreakerRule> & { readonly id: string }): BreakerRule {
  return {
    organization: 'org',
    name: null,
    dimension: 'agent',
    value: '*',
    measure: 'calls',
    limit: 3n,
    windowMs: 60_000,
    action: 'throttle',
    cooldownMs: 0,
    createdAt: SAMPLE_AT,
    ...rule,
  }
}

export function agentStateEvent(change: Partial<AgentChange> & { readonly id: string; readonly agent: string }): CommandEvent {
  return { kind: 'agent_state', change: { state: 'paused', reason: null, breaker: null, at: SAMPLE_AT, ...change } }
}

/** Written out, as a parser makes them: an object of this size made by spreading is a slow one, and benchmarks use this too. */
export function sampleCall(call: Partial<CallRecord> & { readonly id: string }): CallRecord {
  return {
    id: call.id,
    run: call.run ?? null,
    parentCall: call.parentCall ?? null,
    key: call.key ?? null,
    at: call.at ?? SAMPLE_AT,
    atGiven: call.atGiven ?? false,
    latencyMs: call.latencyMs === undefined ? 2340 : call.latencyMs,
    success: call.success ?? true,
    errorCode: call.errorCode ?? null,
    fingerprint: call.fingerprint ?? null,
    source: call.source ?? 'api',
    agent: call.agent ?? null,
    user: call.user ?? null,
    session: call.session ?? null,
    workflow: call.workflow ?? null,
    team: call.team ?? null,
    project: call.project ?? null,
    costCenter: call.costCenter ?? null,
    action: call.action ?? null,
    tags: call.tags ?? {},
    usage: call.usage ?? sampleUsage(),
    charge: call.charge ?? sampleCharge(7_500_000_000n),
  }
}

export function sampleUsage(meters: Usage['inferences'][number]['meters'] = { input: 1000, output: 500 }, seller = 'openai'): Usage {
  return {
    seller,
    modelRequested: 'gpt-4o',
    modelServed: 'gpt-4o-2024-08-06',
    at: SAMPLE_AT,
    inferences: [
      {
        model: 'gpt-4o-2024-08-06',
        kind: 'message',
        meters,
        evidence: Object.fromEntries(Object.keys(meters).map((meter) => [meter, 'reported'])),
      },
    ],
    context: { endpoint: 'chat' },
    notes: [],
    outcome: { ok: true },
  }
}

/** A charge of two lines that come to the amount; null: nothing could be priced. */
export function sampleCharge(amount: bigint | null): Charge {
  const first = amount === null ? 0n : amount / 3n
  return {
    status: amount === null ? 'unpriced' : 'exact',
    amount: amount === null ? null : picos(amount),
    lines:
      amount === null ? [] : [sampleLine('input', 1000, '2.5', 0, picos(first)), sampleLine('output', 500, '10', 1, picos(amount - first))],
    unpriced: amount === null ? [{ inference: 0, model: 'gpt-4o-2024-08-06', meter: 'input', quantity: 1000, reason: 'no_card' }] : [],
    alternatives: [],
    notes: [],
    knownAt: SAMPLE_AT,
  }
}

function sampleLine(meter: ChargeLine['meter'], quantity: number, price: string, rate: number, amount: Picos): ChargeLine {
  return {
    inference: 0,
    model: 'gpt-4o-2024-08-06',
    meter,
    quantity,
    price,
    per: 1_000_000,
    currency: 'USD',
    modifiers: [],
    cardId: CARD,
    rate,
    amount,
  }
}

const CARD = 'c'.repeat(64)

const NOTHING_SAID = {
  agent: null,
  user: null,
  session: null,
  workflow: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
  tags: {},
} as const
