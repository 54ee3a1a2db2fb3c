/** A budget that refuses a call, as the server tells it. Amounts are exact decimal text of US dollars. */
export interface RefusedBy {
  readonly budgetId: string
  readonly name: string | null
  readonly dimension: string
  readonly value: string
  readonly limitUsd: string
  readonly spentUsd: string
  readonly heldUsd: string
  readonly requestedUsd: string | null
  /** RFC 3339; null for a budget of all time. */
  readonly resetsAt: string | null
}

/** A budget does not allow the call. It was not made, and nothing was spent. Trying again cannot help before a budget resets. */
export class BudgetExhaustedError extends Error {
  override readonly name = 'BudgetExhaustedError'
  readonly status = 402
  /** `budget_exceeded`, or `price_unknown`. */
  readonly code: string
  readonly refusedBy: readonly RefusedBy[]
  /** The most that would fit into all of them. */
  readonly mostThatFitsUsd: string | null

  constructor(code: string, detail: string, refusedBy: readonly RefusedBy[], mostThatFitsUsd: string | null) {
    super(detail)
    this.code = code
    this.refusedBy = refusedBy
    this.mostThatFitsUsd = mostThatFitsUsd
  }
}

/** A breaker that does not let a call pass, as the server tells it. */
export interface RefusingBreaker {
  readonly breakerId: string
  readonly name: string | null
  readonly dimension: string
  readonly value: string
  /** `cost`, `calls`, `repeats`, `fan_out`, `depth` or `errors`. */
  readonly measure: string
  /** RFC 3339; null where waiting does not help. */
  readonly availableAt: string | null
}

/**
 * The call may not be made now, whatever it costs: its agent is paused (`agent_paused`) or stopped (`agent_stopped`), or a breaker is open
 * (`breaker_open`) or holds it back (`throttled`). It was not made, and nothing was spent.
 */
export class CallRefusedError extends Error {
  override readonly name = 'CallRefusedError'
  readonly status: number
  readonly code: string
  readonly breakers: readonly RefusingBreaker[]
  /** When to ask again, where that helps. */
  readonly retryAfterMs: number | null

  constructor(status: number, code: string, detail: string, breakers: readonly RefusingBreaker[], retryAfterMs: number | null) {
    super(detail)
    this.status = status
    this.code = code
    this.breakers = breakers
    this.retryAfterMs = retryAfterMs
  }
}

const REFUSED_CODES = new Set(['agent_paused', 'agent_stopped', 'breaker_open', 'throttled'])

/** Reads a refusal of the server; null when it is not about a breaker or the state of an agent. */
export function callRefusal(body: unknown): CallRefusedError | null {
  const { status, code, detail, breakers, retry_after_seconds: seconds } = (body ?? {}) as Record<string, unknown>
  if (typeof code !== 'string' || !REFUSED_CODES.has(code)) return null
  const retryAfterMs = typeof seconds === 'number' ? seconds * 1_000 : null
  const named = Array.isArray(breakers) ? breakers.map(breakerOf) : []
  return new CallRefusedError(typeof status === 'number' ? status : 403, code, text(detail), named, retryAfterMs)
}

function breakerOf(one: Record<string, unknown>): RefusingBreaker {
  return {
    breakerId: text(one.breaker_id),
    name: orNull(one.name),
    dimension: text(one.dimension),
    value: text(one.value),
    measure: text(one.measure),
    availableAt: orNull(one.available_at),
  }
}

/** The call could not be asked about: the server is away, or refuses the question itself. It was not made. */
export class GuardUnavailableError extends Error {
  override readonly name = 'GuardUnavailableError'
  readonly code: string

  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

/** Reads the refusal of the server; null when it is not about a budget. */
export function budgetRefusal(status: number, code: string, detail: string, body: unknown): BudgetExhaustedError | null {
  if (status !== 402) return null
  const { refused_by, most_that_fits_usd } = (body ?? {}) as { refused_by?: unknown; most_that_fits_usd?: unknown }
  const most = typeof most_that_fits_usd === 'string' ? most_that_fits_usd : null
  return new BudgetExhaustedError(code, detail, Array.isArray(refused_by) ? refused_by.map(refusedByOf) : [], most)
}

function refusedByOf(one: Record<string, unknown>): RefusedBy {
  return {
    budgetId: text(one.budget_id),
    name: orNull(one.name),
    dimension: text(one.dimension),
    value: text(one.value),
    limitUsd: text(one.limit_usd),
    spentUsd: text(one.spent_usd),
    heldUsd: text(one.held_usd),
    requestedUsd: orNull(one.requested_usd),
    resetsAt: orNull(one.resets_at),
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function orNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
