import { EVERY_VALUE } from '../budget/rule.ts'
import { type CallScope, valuesIn } from '../budget/scope.ts'
import type { BreakerKey, BreakerRule } from './rule.ts'

/** A breaker that watches a call, and what it counts the call in. */
export interface BreakerMatch {
  readonly rule: BreakerRule
  readonly key: BreakerKey
}

/** Every breaker that watches a call, in the order of the rules. Without a fingerprint nothing is a repetition, without a run nothing fans out. */
export function breakersOf(rules: readonly BreakerRule[], scope: CallScope, fingerprint: string | null): BreakerMatch[] {
  const matches: BreakerMatch[] = []
  for (const rule of rules) {
    const part = partOf(rule, scope, fingerprint)
    if (part === null) continue
    for (const value of valuesIn(scope, rule.dimension)) {
      if (rule.value !== EVERY_VALUE && rule.value !== value) continue
      matches.push({ rule, key: { organization: rule.organization, breaker: rule.id, value, part } })
    }
  }
  return matches
}

function partOf({ measure }: BreakerRule, { agent, runs }: CallScope, fingerprint: string | null): string | null {
  if (measure === 'repeats') return fingerprint === null ? null : JSON.stringify([agent, fingerprint])
  if (measure === 'fan_out' || measure === 'depth') return runs[0] ?? null
  return ''
}

/** The agent and fingerprint of a row of `repeats`. */
export function repeatedIn(part: string): { readonly agent: string | null; readonly fingerprint: string } {
  const [agent, fingerprint] = JSON.parse(part) as [string | null, string]
  return { agent, fingerprint }
}

export function breakerRowKey({ organization, breaker, value, part }: BreakerKey): string {
  return `${organization.length}:${organization}${breaker.length}:${breaker}${value.length}:${value}${part}`
}
