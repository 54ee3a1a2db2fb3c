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
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const orNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
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
