import { type Picos, picos, usdNumberOfPicos } from '../../../kernel/index.ts'
import type { Family, Metric } from './family.ts'

/** A counter of whole things, with at most two labels. It only rises: what is not above zero is not added. */
export interface Counter {
  add(labels: readonly string[], count: number): void
  family(): Family
}

/** A counter of money, added up exactly; what is exposed is a number of US dollars. */
export interface MoneyCounter {
  add(labels: readonly string[], amount: Picos): void
  family(): Family
}

interface Definition extends Omit<Metric, 'kind'> {
  readonly labels: readonly string[]
}

export function counter(definition: Definition): Counter {
  const counts = cells(definition, 0)
  return {
    add(labels, count) {
      if (count > 0) counts.at(labels).value += count
    },
    family: () => familyOf(definition, counts, (count) => count),
  }
}

export function moneyCounter(definition: Definition): MoneyCounter {
  const sums = cells(definition, 0n)
  return {
    add(labels, amount) {
      if (amount > 0n) sums.at(labels).value += amount
    },
    family: () => familyOf(definition, sums, (sum) => usdNumberOfPicos(picos(sum))),
  }
}

interface Cell<T> {
  readonly labels: readonly string[]
  value: T
}

interface Cells<T> {
  at(labels: readonly string[]): Cell<T>
  all(): readonly Cell<T>[]
}

/** Values by their labels, found by one map for each label: every call that is posted asks for several, and joining texts would cost more than all the rest. */
function cells<T extends number | bigint>({ labels: names }: Definition, zero: T): Cells<T> {
  const byFirst = new Map<string, Map<string, Cell<T>>>()
  const list: Cell<T>[] = []
  const at = (labels: readonly string[]): Cell<T> => {
    const [first = '', second = ''] = labels
    let bySecond = byFirst.get(first)
    if (bySecond === undefined) {
      bySecond = new Map()
      byFirst.set(first, bySecond)
    }
    const known = bySecond.get(second)
    if (known !== undefined) return known
    const made: Cell<T> = { labels, value: zero }
    bySecond.set(second, made)
    list.push(made)
    return made
  }
  // Without labels there is one series from the start, so that its first rise is seen.
  if (names.length === 0) at([])
  return { at, all: () => list }
}

function familyOf<T>({ labels: names, ...metric }: Definition, found: Cells<T>, exposed: (value: T) => number): Family {
  return {
    ...metric,
    kind: 'counter',
    series: found.all().map(({ labels, value }) => ({
      labels: Object.fromEntries(names.map((name, index) => [name, labels[index] ?? ''])),
      value: exposed(value),
    })),
  }
}
