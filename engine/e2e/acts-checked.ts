import { expect } from 'vitest'
import { committer, counterKey, type LedgerStore } from '../src/ledger/index.ts'
import { sweepHolds } from '../src/operations/budgets/sweep.ts'

const DAY_MS = 86_400_000

type Acts = Readonly<Record<'hold' | 'extend' | 'void' | 'expire' | 'call', Map<string, number>>>

/** How often each act is in the journal, by the id of its call. */
async function actsOfJournal(ledger: LedgerStore): Promise<Acts> {
  const acts: Acts = { hold: new Map(), extend: new Map(), void: new Map(), expire: new Map(), call: new Map() }
  const count = (of: Map<string, number>, id: string): void => {
    of.set(id, (of.get(id) ?? 0) + 1)
  }
  for (let after = 0; ; ) {
    const entries = await ledger.read(after, 1_000)
    if (entries.length === 0) return acts
    for (const { event, seq } of entries) {
      expect(seq).toBe(++after)
      if (event.kind === 'hold') count(acts.hold, event.hold.id)
      if (event.kind === 'hold_extend') count(acts.extend, event.extension.call)
      if (event.kind === 'hold_void') count(acts.void, event.release.id)
      if (event.kind === 'hold_expire') count(acts.expire, event.release.id)
      if (event.kind === 'call') count(acts.call, event.call.id)
    }
  }
}

const POSTED_AS = { hold: 'hold', extend: 'extend', void: 'void', settle: 'call', track: 'call' } as const

/**
 * Every act that was acknowledged, as a line `<act> <call id>`, is in the journal, no act is there twice, and each hold is in one state. Of each kind more
 * than `actsMin` must have been acknowledged, or nothing was shown.
 */
export async function checkActs(acknowledged: readonly string[], ledger: LedgerStore, actsMin: number): Promise<void> {
  const acts = await actsOfJournal(ledger)
  const lost = acknowledged.filter((line) => {
    const [act = '', id = ''] = line.split(' ')
    return acts[POSTED_AS[act as keyof typeof POSTED_AS]].get(id) !== 1
  })
  expect(lost).toEqual([])
  for (const [name, of] of Object.entries(acts)) expect([name, [...of.values()].filter((times) => times !== 1)]).toEqual([name, []])
  for (const act of Object.keys(POSTED_AS)) expect(acknowledged.filter((line) => line.startsWith(act)).length).toBeGreaterThan(actsMin)
  const holding = new Set((await ledger.holds(null)).filter(({ expiredAt }) => expiredAt === null).map(({ id }) => id))
  // Each hold is in one state: it holds, or it was settled, given up or taken back, and then it holds nothing.
  const nowhere = [...acts.hold.keys()].filter((id) => {
    const ended = acts.call.has(id) || acts.void.has(id) || acts.expire.has(id)
    return holding.has(id) === ended
  })
  expect(nowhere).toEqual([])
  expect([...holding].filter((id) => !acts.hold.has(id))).toEqual([])
}

/** What counters hold is what live holds explain. A day later all deadlines have passed: once they are swept, nothing is held anywhere, and what is spent is what calls cost. */
export async function checkNothingLeaks(ledger: LedgerStore): Promise<void> {
  expect(await heldInCounters(ledger)).toEqual(await heldByHolds(ledger))
  const door = committer(ledger, { head: await ledger.head() })
  const services = { now: () => Date.now() + DAY_MS, ledger, committer: door }
  while ((await sweepHolds(services)) > 0);
  await door.close()
  const counters = await ledger.counters(null)
  expect(counters.filter(({ held }) => held !== 0n)).toEqual([])
  expect((await ledger.holds(null)).filter(({ expiredAt }) => expiredAt === null)).toEqual([])
  const budgets = await ledger.budgets(null)
  const spentIn = (dimension: string): bigint => {
    const ids = budgets.filter((rule) => rule.dimension === dimension).map(({ id }) => id)
    return counters.filter(({ budget }) => ids.includes(budget)).reduce((sum, { spent }) => sum + spent, 0n)
  }
  let cost = 0n
  for (const { account, credits } of await ledger.accounts(null)) if (account === 'funding') cost += credits
  for (const dimension of ['organization', 'agent', 'team']) expect([dimension, spentIn(dimension)]).toEqual([dimension, cost])
}

async function heldInCounters(ledger: LedgerStore): Promise<Map<string, bigint>> {
  const counters = await ledger.counters(null)
  return new Map(
    counters
      .filter(({ held }) => held !== 0n)
      .map((counter) => [counterKey(counter), counter.held] as const)
      .sort(byName),
  )
}

async function heldByHolds(ledger: LedgerStore): Promise<Map<string, bigint>> {
  const sums = new Map<string, bigint>()
  for (const { held } of await ledger.holds(null)) {
    for (const { counter, amount } of held) sums.set(counterKey(counter), (sums.get(counterKey(counter)) ?? 0n) + amount)
  }
  return new Map([...sums].filter(([, amount]) => amount !== 0n).sort(byName))
}

function byName([left]: readonly [string, bigint], [right]: readonly [string, bigint]): number {
  return left < right ? -1 : 1
}
