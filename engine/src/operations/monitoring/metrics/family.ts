/** What a metric is: its dotted name (as of an actuator), its name in Prometheus, and what it says. */
export interface Metric {
  readonly dotted: string
  /** Of a counter with `_total`. Units are in the name, in base units. */
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'summary' | 'histogram'
  readonly help: string
  readonly unit: string | null
}

/** One number. `suffix` where a metric has several: `_sum`, `_count`, `_bucket`. */
export interface Series {
  readonly suffix?: '_sum' | '_count' | '_bucket'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric with its series as they stand. */
export interface Family extends Metric {
  readonly series: readonly Series[]
}
