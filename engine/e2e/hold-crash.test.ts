import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { diceOf } from '../sim/dice.ts'
import { openSqlite } from '../src/adapters/sqlite/index.ts'
import { committer, type LedgerStore } from '../src/ledger/index.ts'
import { sweepHolds } from '../src/operations/budgets/sweep.ts'

const KILLS = 50
const SEED = 3
const DAY_MS = 86_400_000

it(`kill -9 at ${KILLS} random moments: every act that was acknowledged is there once, and no hold leaks`, {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-holds-'))
  const dice = diceOf(SEED, 'kills')
  const acknowledged: string[] = []
  // The next process loads its program while this one works, and waits to be told: restarts on the folder are then quick.
  let next = waiting(folder)
  try {
    for (let round = 0; round < KILLS; round++) {
      const writer = next
      next = waiting(folder)
      acknowledged.push(...(await workUntilKilled(writer, round, 1 + dice.below(300))))
    }
    const stores = openSqlite({ folder })
    const acts = await actsOfJournal(stores.ledger)
    await checkActs(acknowledged, acts, stores.ledger)
    await checkNothingLeaks(stores.ledger, acts)
    await stores.close()
    const verified = spawnSync(process.execPath, [fileURLToPath(new URL('../bin/purser.js', import.meta.url)), 'verify'], {
      env: { PATH: process.env.PATH ?? '', PURSER_DATA: folder },
      encoding: 'utf8',
    })
    expect(verified.status, verified.stdout + verified.stderr).toBe(0)
  } finally {
    next.kill('SIGKILL')
    await once(next, 'close')
    rmSync(folder, { recursive: true })
  }
})

function waiting(folder: string): ChildProcess {
  const writer = fileURLToPath(new URL('hold-crash-writer.js', import.meta.url))
  const args = [writer, folder, String(SEED)]
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Lets it work, kills it once it has acknowledged so many acts, and gives back all that it did acknowledge. */
async function workUntilKilled(writer: ChildProcess, round: number, actsMin: number): Promise<string[]> {
  let text = ''
  let faults = ''
  writer.stdout?.on('data', (chunk) => {
    text += chunk
    if (text.split('\n').length > actsMin) writer.kill('SIGKILL')
  })
  writer.stderr?.on('data', (chunk) => {
    faults += chunk
  })
  writer.stdin?.write(`${round}`)
  const [, signal] = (await once(writer, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${faults}`)
  // The last line may have been cut off by the kill.
  return text.split('\n').slice(0, -1)
}

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

async function checkActs(acknowledged: readonly string[], acts: Acts, ledger: LedgerStore): Promise<void> {
  const lost = acknowledged.filter((line) => {
    const [act = '', id = ''] = line.split(' ')
    return acts[POSTED_AS[act as keyof typeof POSTED_AS]].get(id) !== 1
  })
  expect(lost).toEqual([])
  for (const [name, of] of Object.entries(acts)) expect([name, [...of.values()].filter((times) => times !== 1)]).toEqual([name, []])
  for (const act of Object.keys(POSTED_AS)) expect(acknowledged.filter((line) => line.startsWith(act)).length).toBeGreaterThan(KILLS / 2)
  const holding = new Set((await ledger.holds(null)).filter(({ expiredAt }) => expiredAt === null).map(({ id }) => id))
  // Each hold is in one state: it holds, or it was settled, given up or taken back, and then it holds nothing.
  const nowhere = [...acts.hold.keys()].filter((id) => {
    const ended = acts.call.has(id) || acts.void.has(id) || acts.expire.has(id)
    return holding.has(id) === ended
  })
  expect(nowhere).toEqual([])
  expect([...holding].filter((id) => !acts.hold.has(id))).toEqual([])
}

/** A day later all deadlines have passed: once they are swept, nothing is held anywhere, and what is spent is what calls cost. */
async function checkNothingLeaks(ledger: LedgerStore, acts: Acts): Promise<void> {
  const door = committer(ledger, { head: await ledger.head() })
  const services = { now: () => Date.now() + DAY_MS, ledger, committer: door }
  while ((await sweepHolds(services)) > 0);
  await door.close()
  const counters = await ledger.counters(null)
  expect(counters.filter(({ held }) => held !== 0n)).toEqual([])
  const budgets = await ledger.budgets(null)
  const spentIn = (dimension: string): bigint => {
    const ids = budgets.filter((rule) => rule.dimension === dimension).map(({ id }) => id)
    return counters.filter(({ budget }) => ids.includes(budget)).reduce((sum, { spent }) => sum + spent, 0n)
  }
  let cost = 0n
  for (const { account, credits } of await ledger.accounts(null)) if (account === 'funding') cost += credits
  expect(acts.call.size).toBeGreaterThan(KILLS)
  for (const dimension of ['organization', 'agent', 'team']) expect([dimension, spentIn(dimension)]).toEqual([dimension, cost])
}
