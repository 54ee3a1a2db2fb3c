import type { CallRecord, JournalEntry } from '../../engine/src/ledger/index.ts'
import { postedSoFar } from '../../engine/src/ledger/index.ts'
import { type Caller, LOCAL_CALLER, type Services } from '../../engine/src/operations/index.ts'
import type { Meter } from '../../engine/src/usage/index.ts'

/** What an organization's books come to, as far as telemetry is concerned. */
export interface Bill {
  /** Calls whose cost is more than nothing or not known: a call that another stands for is set to zero and is none. */
  readonly calls: number
  readonly failed: number
  readonly unmetered: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheRead: number
  readonly cost: bigint
  readonly sources: readonly string[]
}

/** Who reports for one organization: each test has one of its own in one server. */
export function callerOf(organization: string): Caller {
  return { ...LOCAL_CALLER, organization }
}

export async function entriesOf(services: Services, organization: string): Promise<JournalEntry[]> {
  const found: JournalEntry[] = []
  let after = 0
  for (;;) {
    const entries = await services.ledger.read(after, 10_000)
    const last = entries.at(-1)
    if (last === undefined) return found
    found.push(...entries.filter((entry) => entry.organization === organization))
    after = last.seq
  }
}

export async function callsOf(services: Services, organization: string): Promise<CallRecord[]> {
  const entries = await entriesOf(services, organization)
  return entries.flatMap(({ event }) => (event.kind === 'call' ? [event.call] : []))
}

export async function billOf(services: Services, organization: string): Promise<Bill> {
  const entries = await entriesOf(services, organization)
  const replaced = new Set(
    entries.flatMap(({ event }) =>
      event.kind === 'adjustment' && event.adjustment.id.endsWith('~replaced') ? [event.adjustment.call] : [],
    ),
  )
  const bill = { calls: 0, failed: 0, unmetered: 0, inputTokens: 0, outputTokens: 0, cacheRead: 0, cost: 0n, sources: new Set<string>() }
  for (const entry of entries) {
    if (entry.event.kind !== 'call') continue
    const { call } = entry.event
    const adjustments = entries.filter(({ event }) => event.kind === 'adjustment' && event.adjustment.call === call.id)
    bill.cost += postedSoFar(entry, adjustments)
    if (replaced.has(call.id)) continue
    bill.calls += 1
    bill.sources.add(call.source)
    if (!call.success) bill.failed += 1
    const meters = call.usage.inferences.flatMap((inference) => Object.entries(inference.meters) as [Meter, number][])
    if (call.success && meters.length === 0) bill.unmetered += 1
    for (const [meter, quantity] of meters) {
      if (meter.startsWith('input')) bill.inputTokens += quantity
      if (meter.startsWith('output')) bill.outputTokens += quantity
      if (meter.startsWith('input.cache_read')) bill.cacheRead += quantity
    }
  }
  return { ...bill, sources: [...bill.sources].sort() }
}
