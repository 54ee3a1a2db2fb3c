import type { Refusal } from '../../../kernel/index.ts'

/** What a caller is told in place of an answer of the provider, before it is put in the provider's words. */
export interface Failure {
  readonly status: number
  readonly message: string
  readonly kind: FailureKind
  /** The code of our own registry, or of what went wrong on the way. */
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>
}

/**
 * `budget`: refused for money, asking again does not help. `rate`: held back for a while. `denied`: not allowed. `identity`: no valid key. `request`: the request
 * is wrong. `missing`: no such thing. `busy`: the books cannot be asked at the moment. `upstream`: the provider did not answer. `fault`: a fault of ours.
 */
export type FailureKind = 'budget' | 'rate' | 'denied' | 'identity' | 'request' | 'missing' | 'busy' | 'upstream' | 'fault'

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  400: 'request',
  401: 'identity',
  402: 'budget',
  403: 'denied',
  404: 'missing',
  405: 'request',
  409: 'request',
  413: 'request',
  415: 'request',
  422: 'request',
  429: 'rate',
  502: 'upstream',
  503: 'busy',
  504: 'upstream',
}

export function failureOf(refused: Refusal, status: number): Failure {
  const kind = KIND_OF_STATUS[status] ?? 'fault'
  const message = refused.code === 'budget_exceeded' ? budgetMessage(refused) : refused.detail
  return { status, message, kind, code: refused.code, facts: refused.facts ?? {} }
}

/** An answer that never came, or broke off. */
export function upstreamFailure(status: 502 | 504, message: string, code: string): Failure {
  return { status, message, kind: 'upstream', code, facts: {} }
}

interface RefusedBy {
  readonly name?: string | null
  readonly dimension?: string
  readonly value?: string
  readonly limit_usd?: string
  readonly spent_usd?: string
  readonly held_usd?: string
  readonly balance_usd?: string
  readonly resets_at?: string | null
  readonly budget_id?: string | null
}

/** The budget that keeps a caller out longest: the first that never resets, else the one that resets last. */
export function decisiveBudget({ facts }: Pick<Failure, 'facts'>): RefusedBy | null {
  const budgets: readonly RefusedBy[] = Array.isArray(facts.refused_by) ? facts.refused_by : []
  const [first, ...others] = budgets
  if (first === undefined) return null
  return others.reduce((last, one) => (timeOf(one) > timeOf(last) ? one : last), first)
}

function timeOf({ resets_at }: RefusedBy): number {
  return typeof resets_at === 'string' ? Date.parse(resets_at) : Number.POSITIVE_INFINITY
}

/** The words "will reset at" are what some clients look for to stop asking. */
function budgetMessage({ detail, facts = {} }: Refusal): string {
  const budget = decisiveBudget({ facts })
  if (budget === null || budget.limit_usd === undefined) return detail
  const reset = typeof budget.resets_at === 'string' ? `will reset at ${budget.resets_at}` : 'does not reset'
  const name = budget.name ?? `${budget.dimension} "${budget.value}"`
  return `Budget '${name}' exhausted (${reset}): ${detail}`
}
