import type { AggregateRow, FailedRun, Measures, SessionRow } from '../../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../../kernel/index.ts'

/** A value of `rowsAsText`. */
type Value = string | number | boolean | null
type Row = readonly Value[]

/** Of sums by `keys` dimensions: the keys, the start of the bucket where the question had one, the measures. */
export function aggregateRows(text: string, keys: number, isBucketed: boolean): AggregateRow[] {
  return rowsOf(text).map((row) => {
    const sums = { keys: row.slice(0, keys).map(textOf), ...measuresIn(row, keys + 1) }
    return isBucketed ? { ...sums, bucketStart: Number(row[keys]) } : sums
  })
}

/** Of sessions: who and when, first and last call, measures, runs. */
export function sessionRows(text: string): SessionRow[] {
  return rowsOf(text).map((row) => ({
    organization: String(row[0]),
    sessionId: String(row[1]),
    userId: textOf(row[2]),
    startedAt: numberOf(row[3]),
    endedAt: numberOf(row[4]),
    durationKnown: row[5] === true,
    firstCallAt: numberOf(row[6]),
    lastCallAt: numberOf(row[7]),
    ...measuresIn(row, 8),
    runs: Number(row[8 + MEASURES_COUNT] ?? 0),
  }))
}

export function failedRunRows(text: string): FailedRun[] {
  return rowsOf(text).map(([organization, runId, workflow, firstCallAt, lastCallAt, calls, unpriced, cost]) => ({
    organization: String(organization),
    runId: String(runId),
    workflow: textOf(workflow),
    firstCallAt: numberOf(firstCallAt),
    lastCallAt: numberOf(lastCallAt),
    calls: Number(calls),
    unpriced: Number(unpriced),
    cost: picosOfText(cost),
  }))
}

/** Of a decimal of twelve places, as the database writes it. */
export function picosOfText(value: Value | undefined): Picos {
  return typeof value === 'string' ? picos(BigInt(value.replace('.', ''))) : ZERO
}

function rowsOf(text: string): Row[] {
  return JSON.parse(text) as Row[]
}

const MEASURES_COUNT = 13

function measuresIn(row: Row, start: number): Measures {
  const count = (index: number): number => Number(row[start + index] ?? 0)
  return {
    calls: count(0),
    failed: count(1),
    unpriced: count(2),
    uncertain: count(3),
    unmetered: count(4),
    inputTokens: count(5),
    cacheReadTokens: count(6),
    cacheWriteTokens: count(7),
    outputTokens: count(8),
    reasoningTokens: count(9),
    cost: picosOfText(row[start + 10]),
    latencyMs: count(11),
    latencyCalls: count(12),
  }
}

function textOf(value: Value | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function numberOf(value: Value | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}
