import type { BreakerRow, LedgerStore } from '../../src/ledger/index.ts'
import type { Books } from './books.ts'
import { nameOf } from './books.ts'
import { type Breaker, breakersOf, endFor, type Seen } from './breaker-books.ts'
import { mustAgree } from './disagreement.ts'
import { sorted } from './orders.ts'

/** Every breaker, what it has seen, and every state of an agent, both ways. */
export async function compareBreakers(books: Books, ledger: LedgerStore, organizations: Iterable<string>): Promise<void> {
  for (const organization of organizations) {
    const breakers = breakersOf(books, organization)
    const rules = breakers.map(({ rule }) => rule)
    mustAgree(`breakers of ${organization}`, sorted(rules), sorted(await ledger.breakers(organization)))
    const states = [...books.agents.values()].filter((state) => state.organization === organization)
    mustAgree(`agents of ${organization}`, sorted(states), sorted(await ledger.agentStates(organization)))
    const stored = new Map((await ledger.breakerRows(organization)).map((row) => [nameOf(row.breaker, row.value, row.part), row]))
    for (const breaker of breakers) {
      for (const what of breaker.seen.values()) {
        const name = nameOf(breaker.rule.id, what.value, what.part)
        mustAgree(`what ${organization} breaker ${name} has seen`, rowOf(breaker, what), plainRow(breaker, stored.get(name)))
        stored.delete(name)
      }
    }
    mustAgree(`what breakers of ${organization} should not remember`, [], [...stored.keys()])
  }
}

function rowOf({ rule }: Breaker, { sights, latest, openedAt, openUntil }: Seen): unknown {
  const steps = new Map<number, { counted: bigint; held: bigint }>()
  for (const { start, amount, keptFor } of sights) {
    const step = steps.get(start) ?? { counted: 0n, held: 0n }
    if (keptFor === null) step.counted += amount
    else step.held += amount
    steps.set(start, step)
  }
  const ends = [...steps.keys()].map((start) => endFor(rule, start))
  const counting = [...steps].filter(([start]) => endFor(rule, start) > latest).sort(([a], [b]) => a - b)
  return {
    steps: counting.map(([start, step]) => ({ start, ...step })),
    latest,
    openedAt,
    openUntil,
    expiresAt: Math.max(0, openUntil ?? 0, ...ends),
  }
}

function plainRow({ rule }: Breaker, row: BreakerRow | undefined): unknown {
  if (row === undefined) return null
  const { steps, latest, openedAt, openUntil, expiresAt } = row
  return { steps: steps.filter(({ start }) => endFor(rule, start) > latest), latest, openedAt, openUntil, expiresAt }
}
