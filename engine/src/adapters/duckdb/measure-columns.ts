import { SUM_TYPE } from './columns.ts'

/**
 * The sums of `Measures`, in its order: column, and the expression over rows of `calls`. The same expressions make rollups and answer
 * from raw rows, which is why both give the same numbers.
 */
const MEASURES = [
  ['calls', 'sum(calls)'],
  ['failed', 'sum(CASE WHEN success THEN 0 ELSE calls END)'],
  ['unpriced', 'sum(unpriced)'],
  ['uncertain', 'sum(uncertain)'],
  ['unmetered', "sum(CASE WHEN usage_evidence = 'missing' THEN calls ELSE 0 END)"],
  ['input_tokens', 'sum(input_tokens)'],
  ['cache_read_tokens', 'sum(cache_read_tokens)'],
  ['cache_write_tokens', 'sum(cache_write_tokens)'],
  ['output_tokens', 'sum(output_tokens)'],
  ['reasoning_tokens', 'sum(reasoning_tokens)'],
  ['cost', 'sum(cost)'],
  ['latency_ms', 'sum(latency_ms)'],
  ['latency_calls', 'count(latency_ms)'],
] as const

export const MEASURE_NAMES: readonly string[] = MEASURES.map(([name]) => name)

/** The sums as `rowsAsText` takes them: money as text. */
export const MEASURES_AS_TEXT = MEASURE_NAMES.map((name) => (name === 'cost' ? 'cost::VARCHAR' : name)).join(', ')

/** `sum(calls)::BIGINT AS calls, …` over rows of `calls`, each multiplied by `sign`. */
export function measuresOfCalls(sign: 1 | -1 = 1): string {
  const factor = sign === 1 ? '' : '-'
  return MEASURES.map(([name, sql]) => `${factor}coalesce(${sql}, 0)::${measureType(name)} AS ${name}`).join(', ')
}

/** The same sums over rows that are sums already. */
export function measuresOfSums(alias = ''): string {
  const prefix = alias === '' ? '' : `${alias}.`
  return MEASURE_NAMES.map((name) => `coalesce(sum(${prefix}${name}), 0)::${measureType(name)} AS ${name}`).join(', ')
}

export function measureType(name: string): string {
  return name === 'cost' ? SUM_TYPE : 'BIGINT'
}
