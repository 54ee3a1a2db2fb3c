import type { JournalSource } from '../src/calls/index.ts'
import { picos } from '../src/kernel/index.ts'
import type { Attribution, CallRecord, CommandEvent, JournalEntry } from '../src/ledger/index.ts'

export interface GeneratedJournal {
  readonly seed: number
  /** How many calls; runs come on top. */
  readonly calls: number
  /** The calls lie in the days before. */
  readonly until: number
  readonly days: number
}

const RUNS_AT_ONCE = 40
const CALLS_PER_RUN = 5
const BLOCK_CALLS = RUNS_AT_ONCE * CALLS_PER_RUN
/** A block: the starts of its runs, their calls in turn, their ends. */
const BLOCK_ENTRIES = BLOCK_CALLS + 2 * RUNS_AT_ONCE
const DAY_MS = 86_400_000
const MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-5',
  'gpt-5-mini',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-5',
  'gemini-2.5-pro',
]

/**
 * A fleet's journal that is not kept anywhere: each entry is computed from its seq, so five million of them cost no memory. Organizations,
 * agents, models and users are skewed (a few make most of the calls); one call in ten repeats an earlier request; half of them have tags.
 */
export function generatedJournal(shape: GeneratedJournal): JournalSource & { readonly entries: number } {
  const entries = Math.ceil(shape.calls / BLOCK_CALLS) * BLOCK_ENTRIES
  return {
    entries,
    head: () => entries,
    read: (afterSeq, limit) =>
      Array.from({ length: Math.max(0, Math.min(limit, entries - afterSeq)) }, (_, index) =>
        generatedEntry(shape, entries, afterSeq + 1 + index),
      ),
    close: () => {},
  }
}

function generatedEntry(shape: GeneratedJournal, entries: number, seq: number): JournalEntry {
  const block = Math.floor((seq - 1) / BLOCK_ENTRIES)
  const step = (seq - 1) % BLOCK_ENTRIES
  const run = block * RUNS_AT_ONCE + (step % RUNS_AT_ONCE)
  const at = shape.until - shape.days * DAY_MS + Math.floor((seq / entries) * shape.days * DAY_MS)
  const dice = diceOf(shape.seed, run)
  const organization = `org-${skewed(dice(1), 50, 3)}`
  return { seq, organization, recordedAt: at, event: eventOf(shape, seq, step, run, at, dice), transfers: [] }
}

function eventOf(shape: GeneratedJournal, seq: number, step: number, run: number, at: number, ofRun: Dice): CommandEvent {
  const id = timeOrdered('run', run)
  if (step >= RUNS_AT_ONCE + BLOCK_CALLS) {
    const success = ofRun(9) > 0.04
    return { kind: 'run_end', run: { id, at, atGiven: true, success, errorCode: success ? null : 'tool_error' } }
  }
  const attribution = attributionOf(run, ofRun)
  if (step < RUNS_AT_ONCE) return { kind: 'run_start', run: { ...attribution, agent: null, id, parentRun: null, at, atGiven: true } }
  return { kind: 'call', call: callOf(id, seq, at, attribution, diceOf(shape.seed + 1, seq)) }
}

function attributionOf(run: number, dice: Dice): Attribution {
  const user = skewed(dice(2), 10_000, 2)
  return {
    agent: null,
    user: `user-${user}`,
    // A user's runs of the same stretch of time belong to one session.
    session: timeOrdered(`session-${user}`, Math.floor(run / 20_000)),
    workflow: `workflow-${skewed(dice(3), 40, 2)}`,
    team: `team-${user % 20}`,
    project: `project-${user % 50}`,
    costCenter: `cc-${user % 8}`,
    action: null,
    tags: dice(4) < 0.5 ? { env: dice(5) < 0.8 ? 'prod' : 'dev', feature: `feature-${skewed(dice(6), 30, 2)}` } : {},
  }
}

function callOf(run: string, seq: number, at: number, attribution: Attribution, dice: Dice): CallRecord {
  // Each organization has its own 60 agents, and each agent keeps to three models.
  const agent = skewed(dice(9), 60, 2)
  const model = MODELS[(agent + skewed(dice(1), 3, 2)) % MODELS.length] ?? 'gpt-4o'
  const input = 200 + Math.floor(dice(2) * 8_000)
  const output = 20 + Math.floor(dice(3) * 900)
  const success = dice(4) > 0.03
  const priced = dice(5) > 0.01
  const fingerprint = dice(6) < 0.1 ? `shared-${skewed(dice(7), 60_000, 1.5)}` : `print-${seq.toString(16).padStart(26, '0')}`
  const cost = BigInt(input) * 2_500_000n + BigInt(output) * 10_000_000n
  const context = { endpoint: 'chat' } as const
  const meters = { input, 'input.cache_read': Math.floor(input * dice(8)), output } as const
  const evidence = { input: 'reported', 'input.cache_read': 'reported', output: 'reported' } as const
  const inferences = [{ model, kind: 'message', meters, evidence }] as const
  return {
    ...attribution,
    agent: `agent-${agent}`,
    id: timeOrdered('call', seq),
    run,
    parentCall: null,
    key: 'key-1',
    at,
    atGiven: true,
    latencyMs: 300 + Math.floor(dice(10) * 6_000),
    success,
    errorCode: success ? null : 'overloaded',
    fingerprint,
    source: 'sdk',
    usage: {
      seller: model.startsWith('gpt') ? 'openai' : 'other',
      modelRequested: model,
      modelServed: model,
      at,
      inferences,
      context,
      notes: [],
      outcome: { ok: true },
    },
    charge: {
      status: priced ? 'exact' : 'unpriced',
      amount: priced ? picos(cost) : null,
      lines: [],
      unpriced: [],
      alternatives: [],
      notes: [],
      knownAt: at,
    },
  }
}

/** Numbers in `[0, 1)` that depend on nothing but the seed, what they are drawn for, and which of its draws it is. */
type Dice = (draw: number) => number

function diceOf(seed: number, of: number): Dice {
  return (draw) => {
    let mixed = Math.imul(seed ^ Math.imul(of, 0x9e3779b1) ^ Math.imul(draw, 0x85ebca6b), 0xc2b2ae35)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
}

/** Small numbers are the frequent ones, the more so the higher the power. */
function skewed(dice: number, count: number, power: number): number {
  return Math.floor(count * dice ** power)
}

/** Ids that grow with time, as UUIDv7 do, of about their length. */
function timeOrdered(kind: string, number: number): string {
  return `${number.toString(16).padStart(12, '0')}-${kind}-4d3c2b1a0f9e8d7c`
}
