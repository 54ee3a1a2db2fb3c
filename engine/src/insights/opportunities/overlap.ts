import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { Finding } from './opportunity.ts'

/**
 * What all findings save together. A call saves once, however many findings name it: at the largest of its savings. What a store knows of
 * repeated calls is the sum of a group, so a group is weighed as one: its own saving, or what other findings save on the same calls,
 * whichever is larger. As not repeating a call saves all it cost, that is the same as weighing call by call.
 */
export function savingWithoutOverlap(findings: readonly Finding[]): Picos {
  const repeats = findings.flatMap((finding) => finding.byRepeat)
  const groups = new Map<string, { saving: Picos; others: Picos }>()
  const firstCalls = new Set<string>()
  for (const repeat of repeats) {
    const key = groupKey(repeat)
    groups.set(key, { saving: sumPicos([groups.get(key)?.saving ?? ZERO, repeat.saving]), others: ZERO })
    if (repeat.firstCallId !== null) firstCalls.add(callKey(repeat.organization, repeat.firstCallId))
  }
  let outside = 0n
  for (const { call, saving } of largestByCall(findings)) {
    const group = firstCalls.has(callKey(call.organization, call.callId)) ? undefined : groups.get(groupKey(call))
    if (group === undefined) outside += saving
    else group.others = picos(group.others + saving)
  }
  return sumPicos([picos(outside), ...[...groups.values()].map(({ saving, others }) => larger(saving, others))])
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
  return JSON.stringify([of.organization, of.fingerprint, of.model])
}

function callKey(organization: string, callId: string): string {
  return JSON.stringify([organization, callId])
}
