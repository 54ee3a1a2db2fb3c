import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { Finding } from './opportunity.ts'

/**
 * What all findings save together. A call saves once, however many findings name it: at the largest of its savings. What a store knows of
 * failed runs and of repeated calls are sums, so each of them is weighed as one: its own saving, or what other findings save on the same
 * calls, whichever is larger. As a call that is not made saves all it cost, that is the same as weighing call by call. A repetition made in
 * a failed run counts with the run.
 */
export function savingWithoutOverlap(findings: readonly Finding[]): Picos {
  const runs = new Map<string, Weighed>()
  for (const { organization, runId, saving } of findings.flatMap((finding) => finding.byRun)) {
    runs.set(pairKey(organization, runId), { saving, others: ZERO })
  }
  const groups = new Map<string, Weighed>()
  const firstCalls = new Set<string>()
  for (const repeat of findings.flatMap((finding) => finding.byRepeat)) {
    const key = groupKey(repeat)
    let elsewhere = repeat.saving
    for (const { runId, cost } of repeat.inFailedRuns) {
      const run = runs.get(pairKey(repeat.organization, runId))
      if (run === undefined) continue
      elsewhere = picos(elsewhere - cost)
      run.others = picos(run.others + cost)
    }
    groups.set(key, { saving: sumPicos([groups.get(key)?.saving ?? ZERO, elsewhere]), others: ZERO })
    if (repeat.firstCallId !== null) firstCalls.add(pairKey(repeat.organization, repeat.firstCallId))
  }
  let outside = 0n
  for (const { call, saving } of largestByCall(findings)) {
    const group = firstCalls.has(pairKey(call.organization, call.callId)) ? undefined : groups.get(groupKey(call))
    const run = call.runId === null ? undefined : runs.get(pairKey(call.organization, call.runId))
    // A repetition in a failed run is among the others of its run already, at all it cost.
    if (run !== undefined && group !== undefined) continue
    const whole = run ?? group
    if (whole === undefined) outside += saving
    else whole.others = picos(whole.others + saving)
  }
  return sumPicos([picos(outside), ...[...runs.values(), ...groups.values()].map(({ saving, others }) => larger(saving, others))])
}

/** A saving that is known as a sum, and what other findings save on calls in it. */
interface Weighed {
  readonly saving: Picos
  others: Picos
}

function largestByCall(findings: readonly Finding[]): { call: PriceableCall; saving: Picos }[] {
  const largest = new Map<number, { call: PriceableCall; saving: Picos }>()
  for (const item of findings.flatMap((finding) => finding.byCall)) {
    const before = largest.get(item.call.seq)
    if (before === undefined || item.saving > before.saving) largest.set(item.call.seq, item)
  }
  return [...largest.values()]
}

function larger(left: Picos, right: Picos): Picos {
  if (left > right) return left
  return right
}

function groupKey(of: { readonly organization: string; readonly fingerprint: string | null; readonly model: string | null }): string {
  const { organization, fingerprint, model } = of
  return pairKey(
    organization,
    `${fingerprint === null ? '-' : `${fingerprint.length}:${fingerprint}`}${model === null ? '-' : `+${model}`}`,
  )
}

/** Lengths go first, so that no choice of names makes the key of others: a thousand keys are made for one answer. */
function pairKey(organization: string, id: string): string {
  return `${organization.length}:${organization}${id}`
}
