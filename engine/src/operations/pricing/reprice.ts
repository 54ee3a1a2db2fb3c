import { type RepriceRequest, reprice as repriceEndpoint } from '@purser/contract'
import type { Static } from '@sinclair/typebox'
import {
  formatInstant,
  type Millis,
  ok,
  type Picos,
  picos,
  type Refusal,
  type Result,
  sha256Hex,
  usdNumberOfPicos,
  usdOfPicos,
  ZERO,
} from '../../kernel/index.ts'
import { type Adjustment, type CallRecord, type JournalEntry, postedSoFar, type RecordCommand } from '../../ledger/index.ts'
import { reprice } from '../../pricing/index.ts'
import { readScope } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { anyTime } from '../validation/index.ts'

interface Filter {
  /** When calls happened, by their own account; what is read also has those that were held for then. */
  readonly from: Millis
  readonly to: Millis
  readonly organization: string | null
  readonly model: string | undefined
  readonly agent: string | undefined
  readonly onlyUnpriced: boolean
}

interface Tally {
  examined: number
  adjusted: number
  unchanged: number
  still_unpriced: number
  skipped_attested: number
  difference: Picos
}

/**
 * Prices posted calls again by the rates known at a time (default: now) and posts what differs as adjustments. The journal up to the
 * head at the start is read piece by piece, and pieces without calls of the range are passed over. Running it twice adjusts nothing the
 * second time.
 */
export const repriceOperation = implement(repriceEndpoint, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const bounds = boundsOf(input, services.now())
  if (!bounds.ok) return bounds
  const { knownAt, from, to } = bounds.value
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const filter: Filter = { organization, from, to, model: input.model, agent: input.agent, onlyUnpriced: input.only_unpriced === true }
  const tally: Tally = { examined: 0, adjusted: 0, unchanged: 0, still_unpriced: 0, skipped_attested: 0, difference: ZERO }
  const reason = input.reason ?? `priced again by the rates known at ${formatInstant(knownAt)}`
  const end = await services.ledger.head()
  for (let after = 0; after < end; ) {
    const { entries, throughSeq } = await services.ledger.readCalls({ from, to }, after)
    after = throughSeq
    const commands: RecordCommand[] = []
    for (const entry of entries) {
      if (entry.seq > end || entry.event.kind !== 'call' || !concerns(filter, entry, entry.event.call)) continue
      const command = await commandOf(services, entry, entry.event.call, { knownAt, reason, filter, tally })
      if (command !== null) commands.push(command)
    }
    const refused = input.dry_run === true ? null : await post(services, commands)
    if (refused !== null) return { ok: false, error: refused }
  }
  const { difference, ...counts } = tally
  return ok({
    ...counts,
    difference_usd: usdNumberOfPicos(difference),
    difference: usdOfPicos(difference),
    known_at: formatInstant(knownAt),
    dry_run: input.dry_run === true,
  })
})

function boundsOf(input: Static<typeof RepriceRequest>, now: Millis): Result<{ knownAt: Millis; from: Millis; to: Millis }> {
  const knownAt = input.known_at === undefined ? ok(now) : anyTime(input.known_at, '/known_at')
  if (!knownAt.ok) return knownAt
  const from = input.from === undefined ? ok(Number.NEGATIVE_INFINITY) : anyTime(input.from, '/from')
  if (!from.ok) return from
  const to = input.to === undefined ? ok(Number.POSITIVE_INFINITY) : anyTime(input.to, '/to')
  return to.ok ? ok({ knownAt: knownAt.value, from: from.value, to: to.value }) : to
}

function concerns(filter: Filter, entry: JournalEntry, call: CallRecord): boolean {
  if (filter.organization !== null && entry.organization !== filter.organization) return false
  if (filter.agent !== undefined && call.agent !== filter.agent) return false
  if (call.at < filter.from || call.at >= filter.to) return false
  return filter.model === undefined || call.usage.modelServed === filter.model || call.usage.modelRequested === filter.model
}

/** Null when nothing is to be posted; the tally says why. */
async function commandOf(
  services: Services,
  entry: JournalEntry,
  call: CallRecord,
  run: { readonly knownAt: Millis; readonly reason: string; readonly filter: Filter; readonly tally: Tally },
): Promise<RecordCommand | null> {
  const { tally } = run
  const adjustments = await services.ledger.findAdjustments(entry.organization, call.id)
  const newest = adjustments.at(-1)?.event
  const standing = newest?.kind === 'adjustment' ? newest.adjustment.charge : call.charge
  if (run.filter.onlyUnpriced && standing.status !== 'unpriced') return null
  tally.examined += 1
  if (standing.status === 'attested') {
    tally.skipped_attested += 1
    return null
  }
  const again = reprice(standing, call.usage, services.rates.book(), run.knownAt, {
    organization: entry.organization,
    fx: services.rates.fx(),
  })
  if (again.charge.amount === null) {
    tally.still_unpriced += 1
    return null
  }
  if (!again.changed) {
    tally.unchanged += 1
    return null
  }
  const delta = picos(again.charge.amount - postedSoFar(entry, adjustments))
  tally.adjusted += 1
  tally.difference = picos(tally.difference + delta)
  const at = services.now()
  const adjustment: Adjustment = {
    // One correction of one state has one id, so that a re-pricing that is repeated after a crash posts nothing twice.
    id: `reprice-${sha256Hex(`${call.id}\n${adjustments.length}\n${run.knownAt}\n${again.charge.amount}`).slice(0, 32)}`,
    call: call.id,
    delta,
    charge: again.charge,
    reason: run.reason,
    at,
  }
  return { kind: 'record', organization: entry.organization, recordedAt: at, event: { kind: 'adjustment', adjustment } }
}

async function post(services: Services, commands: readonly RecordCommand[]): Promise<Refusal | null> {
  for (const outcome of await services.committer.submitAll(commands)) if (!outcome.ok) return outcome.error
  return null
}
