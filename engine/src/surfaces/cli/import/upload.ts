import type { CallsTracked } from '@purser/contract'
import { LIMITS, type Picos, picos, picosOfUsd, usdOfPicos, ZERO } from '../../../kernel/index.ts'
import { ask, type Connection } from '../world.ts'
import type { Imported } from './source.ts'

const EXAMPLES_PER_REASON = 3

export interface ImportSummary {
  readonly read: number
  readonly posted: number
  /** Had been imported before. */
  readonly known: number
  readonly unpriced: number
  /** USD, exact, of the calls that were posted now. */
  readonly cost: string
  /** What was left out, by reason, with where to look. */
  readonly skipped: ReadonlyMap<string, { readonly count: number; readonly examples: readonly string[] }>
}

/** Reports everything read in batches. The ids are made from the log, so a second run posts nothing twice. */
export async function upload(
  connection: Connection,
  items: AsyncIterable<Imported>,
  onProgress: (read: number) => void,
): Promise<ImportSummary> {
  const tally = { read: 0, posted: 0, known: 0, unpriced: 0 }
  let cost: Picos = ZERO
  const skipped = new Map<string, { count: number; examples: string[] }>()
  const skip = (reason: string, where: string): void => {
    const entry = skipped.get(reason) ?? { count: 0, examples: [] }
    entry.count += 1
    if (entry.examples.length < EXAMPLES_PER_REASON) entry.examples.push(where)
    skipped.set(reason, entry)
  }
  let batch: Extract<Imported, { kind: 'call' }>[] = []
  const send = async (): Promise<void> => {
    if (batch.length === 0) return
    const answer = await ask<CallsTracked>(connection, 'track_calls', { calls: batch.map((item) => item.body) })
    for (const result of answer.results) {
      if ('code' in result) skip(`refused: ${result.detail} [${result.code}]`, placeOf(batch[result.index]))
      else if (result.replayed === true) tally.known += 1
      else {
        tally.posted += 1
        if (result.cost === null) tally.unpriced += 1
        else cost = picos(cost + (picosOfUsd(result.cost) ?? 0n))
      }
    }
    batch = []
  }
  for await (const item of items) {
    if (item.kind === 'skipped') skip(item.reason, placeOf(item))
    else {
      batch.push(item)
      tally.read += 1
      onProgress(tally.read)
      if (batch.length >= LIMITS.batchItemsMax / 2) await send()
    }
  }
  await send()
  return { ...tally, cost: usdOfPicos(cost), skipped }
}

function placeOf(item: Imported | undefined): string {
  if (item === undefined) return 'an item of the batch'
  return item.line === null ? item.file : `${item.file}:${item.line}`
}
