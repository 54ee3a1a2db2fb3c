import type { Family, Metric, Series } from './family.ts'

interface Kept {
  readonly labels: Readonly<Record<string, string>>
  /** Of each bucket alone; the last one is for all that is above. */
  readonly counts: number[]
  sum: number
}

/** How often something took how long, or was how large: by labels, in buckets with these upper bounds. */
export interface Histogram {
  /** `key` tells the labels apart; they are made only where it is new. */
  observe(key: string, labels: () => Readonly<Record<string, string>>, value: number): void
  family(): Family
}

export function histogram(metric: Omit<Metric, 'kind'>, bounds: readonly number[]): Histogram {
  const kept = new Map<string, Kept>()
  return {
    observe(key, labels, value) {
      let one = kept.get(key)
      if (one === undefined) {
        one = { labels: labels(), counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }
        kept.set(key, one)
      }
      const above = bounds.findIndex((bound) => value <= bound)
      const index = above === -1 ? bounds.length : above
      one.counts[index] = (one.counts[index] ?? 0) + 1
      one.sum += value
    },
    family: () => ({ ...metric, kind: 'histogram', series: [...kept.values()].flatMap((one) => seriesOf(one, bounds)) }),
  }
}

/** Buckets hold what is below their bound, all of it: each has those before it. */
function seriesOf({ labels, counts, sum }: Kept, bounds: readonly number[]): Series[] {
  let count = 0
  const buckets = counts.map((own, index): Series => {
    count += own
    const bound = bounds[index]
    return { suffix: '_bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, value: count }
  })
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }]
}
