import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, sumPicos } from '../../kernel/index.ts'
import type { Failure, FailureCase } from './failure.ts'

/** A try and another one are what programs do; three tries of which two failed are a cascade. */
const TRIES_MIN = 3
const FAILURES_MIN = 2
/** Requests without a fingerprint that are this near in size are taken for the same. */
const SIMILAR = 0.05

/** Series of tries of the same, or a similar, request in one run. All that was paid but for the last try that succeeded was for nothing. */
export function retryCascades(calls: readonly PriceableCall[]): Failure[] {
  const byRun = new Map<string, PriceableCall[]>()
  for (const call of [...calls].sort((left, right) => left.at - right.at || left.seq - right.seq)) {
    if (call.runId === null) continue
    const key = JSON.stringify([call.organization, call.runId, call.agent, call.model, call.action])
    byRun.set(key, [...(byRun.get(key) ?? []), call])
  }
  const failures = new Map<string, { readonly first: PriceableCall; readonly cases: FailureCase[] }>()
  for (const tries of [...byRun.values()].flatMap(seriesOf)) {
    const [first] = tries
    if (first === undefined || tries.length < TRIES_MIN || tries.filter((call) => !call.success).length < FAILURES_MIN) continue
    const key = JSON.stringify([first.organization, first.agent, first.action])
    const failure = failures.get(key) ?? { first, cases: [] }
    failure.cases.push(caseOf(tries, first))
    failures.set(key, failure)
  }
  return [...failures.values()].map(({ first, cases }) => failureOf(first, cases))
}

/** Calls in the order of time → series in which each is like the one before it. Of others between them nothing is asked. */
function seriesOf(calls: readonly PriceableCall[]): PriceableCall[][] {
  const series: PriceableCall[][] = []
  for (const call of calls) {
    const known = series.find((tries) => isSame(tries.at(-1), call))
    if (known === undefined) series.push([call])
    else known.push(call)
  }
  return series
}

/** What succeeded is not tried again: a repetition after it is something else. */
function isSame(last: PriceableCall | undefined, call: PriceableCall): boolean {
  if (last === undefined || last.success) return false
  if (last.fingerprint !== null || call.fingerprint !== null) return last.fingerprint === call.fingerprint
  return Math.abs(last.inputTokens - call.inputTokens) <= SIMILAR * last.inputTokens
}

function caseOf(tries: readonly PriceableCall[], first: PriceableCall): FailureCase {
  const wasted = tries.filter((call, index) => !(call.success && index === tries.length - 1))
  const known = wasted.flatMap((call) => (call.cost === null ? [] : [{ seq: call.seq, cost: call.cost }]))
  const cost = sumKnown(tries)
  const excess = known.length === 0 ? null : sumPicos(known.map((call) => call.cost))
  return {
    runId: first.runId,
    callIds: tries.map((call) => call.callId),
    at: first.at,
    value: tries.length,
    cost,
    excess,
    excessBy: excess === null ? null : 'summed',
    byCall: new Map(known.map(({ seq, cost: own }) => [seq, { excess: own, cost: own }])),
  }
}

function sumKnown(calls: readonly PriceableCall[]): Picos | null {
  const known = calls.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  return known.length === 0 ? null : picos(known.reduce((sum, cost) => sum + cost, 0n))
}

function failureOf(first: PriceableCall, cases: readonly FailureCase[]): Failure {
  const sorted = [...cases].sort((left, right) => right.value - left.value || (left.at ?? 0) - (right.at ?? 0))
  const byFingerprint = first.fingerprint === null ? 'requests of nearly the same size' : 'the same request'
  return {
    mode: 'retry_cascade',
    organization: first.organization,
    agent: first.agent,
    action: first.action,
    workflow: null,
    measure: 'tries',
    usual: null,
    cases: sorted,
    what: `${sorted.length === 1 ? 'A run' : `${sorted.length} series`} sent ${byFingerprint} up to ${sorted[0]?.value ?? 0} times because it failed.`,
    advice:
      'Retry with a growing delay and a small limit, honour Retry-After, mend the tool or time limit that fails, and set a breaker on failures in a row.',
  }
}
