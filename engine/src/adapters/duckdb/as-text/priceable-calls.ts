import type { PriceableCall } from '../../../calls/index.ts'
import { picos } from '../../../kernel/index.ts'
import { picosOfText } from './read-text.ts'

/** What the text holds of each row. */
export const STORED = [
  'seq',
  'organization',
  'call_id',
  'run_id',
  'called_at',
  'model',
  'seller',
  'tier',
  'success',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'usage_evidence',
  'cost::VARCHAR',
  'fingerprint',
  'status',
  'calls',
  'call_seq',
  'agent',
  'action',
  'session_id',
  'session_id IS NOT NULL OR user_id IS NOT NULL',
]

/** A row in the order of `STORED`. */
type Row = readonly [
  seq: number,
  organization: string,
  callId: string,
  runId: string | null,
  at: number,
  model: string | null,
  seller: string | null,
  tier: string | null,
  success: boolean,
  inputTokens: number,
  cacheReadTokens: number,
  cacheWriteTokens: number,
  outputTokens: number,
  reasoningTokens: number,
  usageEvidence: PriceableCall['usageEvidence'],
  cost: string | null,
  fingerprint: string | null,
  status: string,
  calls: number,
  callSeq: number,
  agent: string | null,
  action: string | null,
  sessionId: string | null,
  attended: boolean,
]

/** Reads the text of `lastPostedText`: a row that counts for no call corrects the cost of one. */
export function priceableCalls(text: string): PriceableCall[] {
  const rows = JSON.parse(text) as Row[]
  const corrections = new Map<number, bigint>()
  for (const row of rows) {
    const callSeq = row[19]
    if (row[18] === 0) corrections.set(callSeq, (corrections.get(callSeq) ?? 0n) + costIn(row))
  }
  return rows
    .filter((row) => row[18] === 1)
    .map((row) => priceableOf(row, corrections.get(row[0]) ?? 0n))
    .sort((one, other) => other.seq - one.seq)
}

/** Nothing was posted where there was no price; a call that got one since has it from what corrects it. */
function costIn(row: Row): bigint {
  return row[15] === null ? 0n : picosOfText(row[15])
}

/** Written out, and not a loop over columns: thousands of rows wait for it. */
function priceableOf(row: Row, correction: bigint): PriceableCall {
  return {
    seq: row[0],
    organization: row[1],
    callId: row[2],
    runId: row[3],
    at: row[4],
    agent: row[20],
    action: row[21],
    sessionId: row[22],
    model: row[5],
    seller: row[6],
    tier: row[7],
    success: row[8],
    inputTokens: row[9],
    cacheReadTokens: row[10],
    cacheWriteTokens: row[11],
    outputTokens: row[12],
    reasoningTokens: row[13],
    usageEvidence: row[14],
    cost: row[17] === 'unpriced' ? null : picos(costIn(row) + correction),
    fingerprint: row[16],
    attended: row[23],
  }
}
