import type { CallsTracked } from '@purser/contract'
import { LIMITS } from '../../../kernel/index.ts'
import { ask, type Connection } from '../world.ts'
import type { Imported } from './source.ts'

const EXAMPLES_PER_REASON = 3

export interface ImportSummary {
  readonly read: number
  readonly posted: number
  /** Had been imported before. */
  readonly known: number
  readonly unpriced: number
  readonly costUsd: number
  /** What was left out, by reason, with where to look. */
  readonly skipped: ReadonlyMap<string, { readonly count: number; readonly examples: readonly string[] }>
}

/** Reports everything read in batches. The ids are made from the log, so a second run posts nothing twice. */
export async function upload(
  connection: Connection,
  items: AsyncIterable<Imported>,
  onProgress: (read: number) => void,
): Promise<ImportSummary> {
  const tally = { read: 0, posted: 0, known: 0, unpriced: 0, costUsd: 0 }
  const skipped = new Map<string, { count: number; examples: string[] }>()
  const skip = (reason: string, where: string): void => {
    const entry = skipped.get(reason) ?? { count: 0, examples: [] }
    entry.count += 1
    if (entry.examples.length < EXAMPLES_PER_REASON) entry.examples.push(where)
    skipped.set(reason, entry)
  }
  let batch: Readonly<Record<string, unknown>>[] = []
  const send = async (): Promise<void> => {
    if (batch.length === 0) return
    const answer = await ask<CallsTracked>(connection, 'track_calls', { calls: batch })
    for (const result of answer.results) {
      if ('code' in result)
        skip(`refused: ${result.detail} [${result.code}]`, String(batch[result.index]?.call_id ?? `item ${result.index}`))
    }
    tally.posted += answer.accepted - answer.replayed
    tally.known += answer.replayed
    tally.unpriced += answer.unpriced
    tally.costUsd += answer.cost_usd
    batch = []
  }
  for await (const item of items) {
    if (item.kind === 'skipped') skip(item.reason, item.line === null ? item.file : `${item.file}:${item.line}`)
    else {
      batch.push(item.body)
      tally.read += 1
      onProgress(tally.read)
      if (batch.length >= LIMITS.batchItemsMax / 2) await send()
    }
  }
  await send()
  return { ...tally, skipped }
}
