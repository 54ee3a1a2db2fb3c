import type { AggregateRow, FailedRun, Measures, SessionRow } from '../../../calls/index.ts'
import { assert, type Picos, picos } from '../../../kernel/index.ts'

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

/** Of sessions: who and when, first and last call, measures, runs. Written out in one piece: objects that grow are slow to copy. */
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
    calls: countOf(row[8]),
    failed: countOf(row[9]),
    unpriced: countOf(row[10]),
    uncertain: countOf(row[11]),
    unmetered: countOf(row[12]),
    inputTokens: countOf(row[13]),
    cacheReadTokens: countOf(row[14]),
    cacheWriteTokens: countOf(row[15]),
    outputTokens: countOf(row[16]),
    reasoningTokens: countOf(row[17]),
    cost: picosOfText(row[18]),
    latencyMs: countOf(row[19]),
    latencyCalls: countOf(row[20]),
    runs: countOf(row[21]),
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
  assert(typeof value === 'string', 'money comes as the text of a decimal of twelve places')
  return picos(BigInt(value.replace('.', '')))
}

function rowsOf(text: string): Row[] {
  return JSON.parse(text) as Row[]
}

function measuresIn(row: Row, start: number): Measures {
  return {
    calls: countOf(row[start]),
    failed: countOf(row[start + 1]),
    unpriced: countOf(row[start + 2]),
    uncertain: countOf(row[start + 3]),
    unmetered: countOf(row[start + 4]),
    inputTokens: countOf(row[start + 5]),
    cacheReadTokens: countOf(row[start + 6]),
    cacheWriteTokens: countOf(row[start + 7]),
    outputTokens: countOf(row[start + 8]),
    reasoningTokens: countOf(row[start + 9]),
    cost: picosOfText(row[start + 10]),
    latencyMs: countOf(row[start + 11]),
    latencyCalls: countOf(row[start + 12]),
  }
}

function countOf(value: Value | undefined): number {
  assert(typeof value === 'number', 'a count comes as a number')
  return value
}

function textOf(value: Value | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function numberOf(value: Value | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}
