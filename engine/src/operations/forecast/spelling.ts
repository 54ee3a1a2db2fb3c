import { type ForecastSeriesInput, snakeName } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'

type Amount = number | string

/** The input in one spelling. */
export interface StatedSeries {
  readonly series: ForecastSeriesInput['series']
  readonly asOf?: string
  readonly horizonDays?: number
  readonly endDate?: string
  readonly periodStart?: string
  readonly elapsedShare?: number
  readonly budgetLimitUsd?: Amount
  readonly budgets?: readonly { readonly name?: string; readonly limit: Amount }[]
}

const TWINS = [
  ['asOf', 'as_of'],
  ['horizonDays', 'horizon_days'],
  ['endDate', 'end_date'],
  ['periodStart', 'period_start'],
  ['elapsedShare', 'elapsed_share'],
  ['budgetLimitUsd', 'budget_limit_usd'],
] as const

/** Fields as either spelling gives them; refused where both do, since they may differ. */
export function eitherSpelling(input: ForecastSeriesInput): Result<StatedSeries> {
  const fields: Record<string, unknown> = { series: input.series }
  for (const [camel, snake] of TWINS) {
    if (input[camel] !== undefined && input[snake] !== undefined) return fail(twice(camel, snake, ''))
    const value = input[camel] ?? input[snake]
    if (value !== undefined) fields[camel] = value
  }
  const budgets: { name?: string; limit: Amount }[] = []
  for (const [index, { name, limitUsd, limit_usd }] of (input.budgets ?? []).entries()) {
    if (limitUsd !== undefined && limit_usd !== undefined) return fail(twice('limitUsd', 'limit_usd', `/budgets/${index}`))
    const limit = limitUsd ?? limit_usd
    if (limit === undefined) return fail(refusal('missing_field', 'a budget has a limit', { path: `/budgets/${index}/limitUsd` }))
    budgets.push({ limit, ...(name === undefined ? {} : { name }) })
  }
  return ok({ ...fields, budgets } as unknown as StatedSeries)
}

function twice(camel: string, snake: string, at: string): ReturnType<typeof refusal> {
  return refusal('invalid_field', `${camel} and ${snake} are the same field: send one of them`, { path: `${at}/${snake}` })
}

/** An answer with our spelling: names of members, never values. */
export function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [snakeName(name), inSnakeCase(member)]))
}
