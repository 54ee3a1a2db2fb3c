import { idOfEvent, type JournalEntry, type LedgerStore, type RecordEvent } from '../../src/ledger/index.ts'
import type { Answer, Settled } from '../records.ts'
import { type Books, emptyBooks, nameOf, type Posting } from './books.ts'
import { compareBreakers } from './compare-breakers.ts'
import { compareBudgets } from './compare-budgets.ts'
import { Disagreement, mustAgree } from './disagreement.ts'
import { filledNames } from './inheritance.ts'
import { inOrder, nameOfCounter, sorted, sortedFacts } from './orders.ts'
import { expect } from './rules.ts'

/**
 * Follows every delivery in books of its own and says where the program differs, by throwing a `Disagreement`. It shares no code with
 * what decides: its rules are written from what is promised.
 */
export interface Auditor {
  readonly books: Books
  /** Acknowledged postings: names of events to the seq that the answer named. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Judges the answers, in the order in which the program decided. */
  judge(settled: readonly Settled[]): void
  /** Compares the entries since the last look, and the accounts, with the books. */
  look(ledger: LedgerStore): Promise<void>
}

export function auditor(): Auditor {
  const books = emptyBooks()
  const acknowledged = new Map<string, number>()
  let looked = 0
  return {
    books,
    acknowledged,
    judge: (settled) => {
      for (const each of settled) judge(books, acknowledged, each)
    },
    look: async (ledger) => {
      mustAgree('head of the journal', books.postings.length, await ledger.head())
      const entries = await ledger.read(looked, Number.MAX_SAFE_INTEGER)
      mustAgree('entries since the last look', books.postings.length - looked, entries.length)
      const fresh = books.postings.slice(looked)
      for (const posting of fresh) compareEntry(posting, entries[posting.seq - looked - 1])
      looked = books.postings.length
      await compareAccounts(books, ledger)
      const organizations = new Set(fresh.map(({ command }) => command.organization))
      await compareBudgets(books, ledger, organizations)
      await compareBreakers(books, ledger, organizations)
    },
  }
}

function judge(books: Books, acknowledged: Map<string, number>, { delivery, fate, answer }: Settled): void {
  const { command } = delivery
  const about = `answer to ${command.organization} ${command.event.kind} ${idOfEvent(command.event)}`
  const found = textOf(answer)
  if (fate !== 'committed') {
    const allowed = fate === 'rolled_back' ? 'unavailable' : 'overloaded'
    if (answer !== null) mustAgree(`${about}, which was ${fate}`, `refused ${allowed}`, found)
    return
  }
  const expected = expect(books, command)
  if (answer === null) return
  if (expected.answer === 'refused') {
    mustAgree(about, `refused ${expected.code}`, found)
    if (answer.ok) return
    const { path, facts = {} } = answer.error
    if (expected.pointers.length === 0) mustAgree(`path in the ${about}`, undefined, path)
    else if (path === undefined || !expected.pointers.includes(path))
      throw new Disagreement(`path in the ${about}`, expected.pointers.join(' or '), `${path}`)
    if (expected.facts)
      mustAgree(`what the ${about} tells`, sortedFacts({ ...expected.facts.facts, ...expected.facts }), sortedFacts(facts))
    return
  }
  mustAgree(about, expected.answer, found)
  if (!answer.ok) return
  compareEntry(expected.posting, answer.value.entry)
  acknowledged.set(nameOf(command.organization, command.event.kind, idOfEvent(command.event)), answer.value.entry.seq)
}

function textOf(answer: Answer | null): string {
  if (answer === null) return 'none'
  if (!answer.ok) return `refused ${answer.error.code}`
  return answer.value.replayed ? 'replayed' : 'posted'
}

/** The whole entry: its place, what was said, what was inherited, the money moved. */
export function compareEntry(posting: Posting, entry: JournalEntry | undefined): void {
  const { seq, command, filled, transfers, late, settled, counted, crossed, wallet, tripped } = posting
  const { organization, recordedAt, event } = command
  if (entry === undefined) throw new Disagreement(`journal entry ${seq}`, `${event.kind} ${idOfEvent(event)}`, 'nothing')
  const said =
    event.kind === 'call'
      ? event.call
      : event.kind === 'hold'
        ? event.hold
        : event.kind === 'run_start'
          ? event.run
          : event.kind === 'session_start'
            ? event.session
            : null
  const fromHold = event.kind === 'call' && event.call.run === null && typeof filled?.run === 'string' ? ['run'] : []
  const inherited = said === null || filled === null ? [] : [...filledNames(said, filled), ...fromHold].sort()
  const { inherited: inheritedFound = [], late: lateFound = false, event: eventFound, ...others } = entry
  const {
    settled: settledFound = null,
    counted: countedFound = [],
    crossed: crossedFound = [],
    wallet: walletFound = null,
    tripped: trippedFound = [],
    ...rest
  } = others
  mustAgree(
    `journal entry ${seq}`,
    { seq, organization, recordedAt, event: inOrder(eventWith(posting)), transfers },
    { ...rest, event: inOrder(eventFound) },
  )
  mustAgree(`what journal entry ${seq} settles`, settled, settledFound)
  mustAgree(`whose wallet pays journal entry ${seq}`, wallet, walletFound)
  mustAgree(
    `where journal entry ${seq} is counted`,
    posting.command.event.kind === 'adjustment' ? [...counted].sort() : [],
    countedFound.map(nameOfCounter).sort(),
  )
  mustAgree(`thresholds that journal entry ${seq} tells`, sorted(crossed), sorted(crossedFound))
  mustAgree(`breakers that journal entry ${seq} opens`, sorted(tripped), sorted(trippedFound))
  mustAgree(`what journal entry ${seq} inherited`, inherited, [...inheritedFound].sort())
  mustAgree(`whether journal entry ${seq} is late`, late, lateFound)
}

function eventWith({ command, event: made, filled }: Posting): RecordEvent {
  if (made !== null) return made
  const { event } = command
  switch (event.kind) {
    case 'call':
      return { ...event, call: { ...event.call, ...filled } }
    case 'run_start':
      return { ...event, run: { ...event.run, ...filled } }
    case 'session_start':
      return { ...event, session: { ...event.session, ...filled } }
    default:
      return event
  }
}

async function compareAccounts({ accounts }: Books, ledger: LedgerStore): Promise<void> {
  const stored = new Map((await ledger.accounts(null)).map((row) => [nameOf(row.organization, row.account), row]))
  for (const name of new Set([...accounts.keys(), ...stored.keys()])) {
    const { debits = 0n, credits = 0n } = stored.get(name) ?? {}
    mustAgree(`account ${name}`, accounts.get(name) ?? { debits: 0n, credits: 0n }, { debits, credits })
  }
}
