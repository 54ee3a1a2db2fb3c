import { assert } from '../../src/kernel/index.ts'
import { type Committer, committer, type LedgerStore } from '../../src/ledger/index.ts'
import type { Dice } from '../dice.ts'
import type { Answer, Delivery, Parcel, Settled } from '../records.ts'
import type { LedgerPlace, PlaceOpened } from './place.ts'
import { type FaultRates, InjectedFault, type Life, unreliableStore } from './unreliable-store.ts'

export interface ProgramOptions {
  /** Where nothing is yet. */
  readonly place: LedgerPlace
  readonly dice: Dice
  readonly faults: () => FaultRates
  /** Stands between the program and its store, to plant a fault. */
  readonly sabotage: (store: LedgerStore) => LedgerStore
}

/** The program that is simulated: stores in a folder, committers before them, restarts and crashes. */
export interface Program {
  /** The ledger as it is now, read past all faults. */
  ledger(): LedgerStore
  /**
   * Hands in parcels at once; resolves when all are answered or the program has died and was started again. Rejects with a fault
   * of the program that nobody injected.
   */
  deliver(parcels: readonly Parcel[]): Promise<Settled[]>
  /** Ends in an orderly way and starts again. */
  restart(): Promise<void>
  /** How often it has died. */
  crashes(): number
  close(): Promise<void>
}

export async function startProgram(options: ProgramOptions): Promise<Program> {
  let crashes = 0
  let running = await start(options)
  return {
    ledger: () => running.opened.ledger,
    crashes: () => crashes,
    deliver: async (parcels) => {
      const settled = await deliver(running, parcels, options.dice)
      if (running.life.crashed) {
        crashes += 1
        const left = running
        running = await start(options)
        await stop(left)
      }
      return settled
    },
    restart: async () => {
      await stop(running)
      running = await start(options)
    },
    close: () => stop(running),
  }
}

interface Running {
  readonly opened: PlaceOpened
  readonly life: Life
  /** Faults that nobody injected. */
  readonly faults: unknown[]
  /** Several committers, as when several nodes work on one database. */
  readonly doors: readonly Committer[]
}

async function start({ place, dice, faults, sabotage }: ProgramOptions): Promise<Running> {
  const opened = await place.open()
  // Small batches cut what comes together in many ways; small queues make the program refuse when much comes.
  const limits = { commandsPerBatchMax: dice.pick([1, 2, 3, 5, 8, 256]), commandsWaitingMax: dice.pick([12, 20_000, 20_000]) }
  const ledgers = [opened.ledger, ...(await opened.others(dice.pick([0, 0, 1])))]
  const life: Life = { crashed: false, transactions: [], die: opened.die }
  const head = await opened.ledger.head()
  const found: unknown[] = []
  const onFault = (error: unknown): void => {
    if (!(error instanceof InjectedFault)) found.push(error)
  }
  const shared = sabotageOnce(sabotage)
  const doors = ledgers.map((ledger, door) =>
    committer(unreliableStore(shared(ledger), door, life, dice, faults), { limits, head, onFault }),
  )
  return { opened, life, faults: found, doors }
}

/** One store is spoilt once, however many doors it has. */
function sabotageOnce(sabotage: ProgramOptions['sabotage']): ProgramOptions['sabotage'] {
  const spoilt = new Map<LedgerStore, LedgerStore>()
  return (store) => {
    const known = spoilt.get(store)
    if (known !== undefined) return known
    const made = sabotage(store)
    spoilt.set(store, made)
    return made
  }
}

async function stop({ doors, opened }: Running): Promise<void> {
  await Promise.all(doors.map((door) => door.close()))
  await opened.close()
}

/** Deliveries that went to one door, and their answers once they are there. */
interface Sent {
  readonly door: number
  readonly deliveries: readonly Delivery[]
  answers: readonly Answer[] | null
}

async function deliver({ doors, life, faults }: Running, parcels: readonly Parcel[], dice: Dice): Promise<Settled[]> {
  const sent: Sent[] = []
  const answered: Promise<void>[] = []
  life.transactions.length = 0
  for (const { deliveries, thenPause } of parcels) {
    const door = dice.below(doors.length)
    const parcel: Sent = { door, deliveries, answers: null }
    sent.push(parcel)
    // Nobody hears a program that is dead.
    if (life.crashed) continue
    answered.push(
      send(doors[door], deliveries).then((answers) => {
        if (!life.crashed) parcel.answers = answers
      }),
    )
    if (thenPause) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(answered)
  if (faults.length > 0) throw faults[0]
  return settle(sent, life)
}

async function send(door: Committer | undefined, deliveries: readonly Delivery[]): Promise<readonly Answer[]> {
  assert(door !== undefined, 'the program has this door')
  const [first, ...others] = deliveries
  if (first !== undefined && others.length === 0) return [await door.submit(first.command)]
  return await door.submitAll(deliveries.map(({ command }) => command))
}

/** A committer takes what it is given in its order, so the transactions say what became of each delivery, answered or not. */
function settle(sent: readonly Sent[], life: Life): Settled[] {
  const queues = new Map<number, Omit<Settled, 'fate'>[]>()
  const settled: Settled[] = []
  for (const { door, deliveries, answers } of sent) {
    const waiting = deliveries.map((delivery, index) => ({ delivery, answer: answers?.[index] ?? null }))
    // A parcel that finds no room is refused whole and never waits.
    if (answers?.every((answer) => !answer.ok && answer.error.code === 'overloaded')) {
      settled.push(...waiting.map((each) => ({ ...each, fate: 'not_taken' as const })))
    } else queues.set(door, [...(queues.get(door) ?? []), ...waiting])
  }
  for (const { door, commands, committed } of life.transactions) {
    const taken = queues.get(door)?.splice(0, commands) ?? []
    assert(taken.length === commands, 'a transaction decides what was delivered')
    settled.push(...taken.map((each) => ({ ...each, fate: committed ? ('committed' as const) : ('rolled_back' as const) })))
  }
  for (const rest of queues.values()) settled.push(...rest.map((each) => ({ ...each, fate: 'not_taken' as const })))
  return settled
}
