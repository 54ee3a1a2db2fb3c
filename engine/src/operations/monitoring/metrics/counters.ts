import { type Picos, picos, usdNumberOfPicos, ZERO } from '../../../kernel/index.ts'
import type { Family, Metric } from './family.ts'

/** A counter of whole things. It only rises. */
export interface Counter {
  add(labels: readonly string[], count: number): void
  family(): Family
}

/** A counter of money, added up exactly; what is exposed is a number of US dollars. Only what is above zero is added. */
export interface MoneyCounter {
  add(labels: readonly string[], amount: Picos): void
  family(): Family
}

interface Definition extends Omit<Metric, 'kind'> {
  readonly labels: readonly string[]
}

export function counter(definition: Definition): Counter {
  const counts = new Map<string, { labels: readonly string[]; count: number }>()
  if (definition.labels.length === 0) counts.set(JSON.stringify([]), { labels: [], count: 0 })
  return {
    add(labels, count) {
      if (count <= 0) return
      const key = JSON.stringify(labels)
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { labels, count })
      else known.count += count
    },
    family: () =>
      familyOf(
        definition,
        [...counts.values()].map(({ labels, count }) => ({ labels, value: count })),
      ),
  }
}

export function moneyCounter(definition: Definition): MoneyCounter {
  const sums = new Map<string, { labels: readonly string[]; sum: Picos }>()
  if (definition.labels.length === 0) sums.set(JSON.stringify([]), { labels: [], sum: ZERO })
  return {
    add(labels, amount) {
      if (amount <= 0n) return
      const key = JSON.stringify(labels)
      const known = sums.get(key)
      if (known === undefined) sums.set(key, { labels, sum: amount })
      else known.sum = picos(known.sum + amount)
    },
    family: () =>
      familyOf(
        definition,
        [...sums.values()].map(({ labels, sum }) => ({ labels, value: usdNumberOfPicos(sum) })),
      ),
  }
}

function familyOf(definition: Definition, series: readonly { readonly labels: readonly string[]; readonly value: number }[]): Family {
  const { labels: names, ...metric } = definition
  return {
    ...metric,
    kind: 'counter',
    series: series.map(({ labels, value }) => ({ labels: namedLabels(names, labels), value })),
  }
}

function namedLabels(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
}
