import type { Clock } from '../../kernel/index.ts'
import type { JournalEntry, LedgerStore } from '../../ledger/index.ts'
import type { AlertStore } from '../ports.ts'
import { alertsOf, tells } from './alerts-of.ts'
import { routed } from './routing.ts'

export interface FollowerParts {
  readonly store: Pick<AlertStore, 'watermark' | 'follow'>
  readonly journal: Pick<LedgerStore, 'read'>
  readonly now: Clock
  /** Something may have become due. */
  readonly told: () => void
}

/** Follows the journal, and writes what it tells. */
export interface Follower {
  /** Entries that were just committed, in order. Costs next to nothing where nothing is told. */
  committed(entries: readonly JournalEntry[]): void
  /** Follows to the end of the journal, also what other nodes have posted. */
  catchUp(): Promise<void>
  /** Waits for what is under way, and notes how far it came. */
  stop(): Promise<void>
}

const PAGE_ENTRIES = 1_000
/** Entries that tell nothing and are not noted yet: the most that is read again after a crash. */
const UNNOTED_ENTRIES_MAX = 8_192

/**
 * The watermark is written with the alerts that lie before it, in one transaction, so that each is told once, whatever happens in between.
 * Entries of this process are looked at as they are committed and not read again; where some are missing, because another node posted
 * them or this one has just started, the journal is read. That entries tell nothing is noted now and then, for the next start.
 */
export function follower({ store, journal, now, told }: FollowerParts): Follower {
  /** The watermark as far as we know; null: to be asked for. */
  let noted: number | null = null
  /** Every entry up to here is noted, or in `telling` if it tells something. */
  let position = 0
  let telling: JournalEntry[] = []
  let gap = true
  let running: Promise<void> | null = null
  let stopped = false

  /** Entries that follow on without a gap are taken, others have to be read. */
  function take(entries: readonly JournalEntry[]): void {
    const [first, last] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined || last.seq <= position) return
    if (first.seq > position + 1) {
      gap = true
      return
    }
    for (const entry of entries) if (entry.seq > position && tells(entry)) telling.push(entry)
    position = last.seq
  }

  function toNote(): boolean {
    return telling.length > 0 || (noted !== null && position - noted > UNNOTED_ENTRIES_MAX)
  }

  async function note(from: number): Promise<void> {
    const through = position
    const alerts = telling.flatMap(alertsOf)
    telling = []
    const organizations = [...new Set(alerts.map(({ organization }) => organization))]
    const moved = await store.follow({ from, through, organizations }, (webhooks) => routed(alerts, webhooks, now()))
    noted = moved ? through : null
    if (moved && alerts.length > 0) told()
  }

  async function follow(): Promise<void> {
    for (;;) {
      if (noted === null) {
        const watermark = await store.watermark()
        noted = position = watermark
        telling = []
        gap = true
      } else if (toNote()) {
        await note(noted)
      } else if (gap) {
        gap = false
        const page = await journal.read(position, PAGE_ENTRIES)
        take(page)
        if (page.length > 0) gap = true
      } else return
    }
  }

  function run(): Promise<void> {
    let failed = false
    running ??= follow()
      // A store that fails is asked again by the next commit or the next look, from the watermark on.
      .catch(() => {
        failed = true
        noted = null
      })
      .finally(() => {
        running = null
        if (!failed && !stopped && (gap || toNote())) void run()
      })
    return running
  }

  return {
    committed(entries) {
      take(entries)
      if (!stopped && (gap || toNote())) void run()
    },
    async catchUp() {
      gap = true
      await run()
      // What was under way may have been past its last look.
      if (gap || toNote()) await run()
    },
    async stop() {
      stopped = true
      await running
      if (noted !== null && position > noted && telling.length === 0) await note(noted).catch(() => null)
    },
  }
}
