import { readFileSync } from 'node:fs'
import { recordedPath } from '../../../conformance/recorded.ts'

export const MOONCAKE = 'traces/mooncake/conversation_trace.jsonl'
export const BLOCK_TOKENS = 512

/** A request of the trace. Blocks of 512 tokens are named by a hash of themselves and all before them, so equal names are equal beginnings. */
export interface TracedRequest {
  readonly atMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly blocks: readonly number[]
  /** The conversation it belongs to, as its client would know it. */
  readonly session: string
}

interface Line {
  readonly timestamp: number
  readonly input_length: number
  readonly output_length: number
  readonly hash_ids: readonly number[]
}

/**
 * An hour of conversations with a public service. The trace names none; all requests begin with the same block (a system prompt), and those that go on
 * alike after it are one conversation. A block that is not full is in the trace but in no cache. Null where the trace is absent.
 */
export function mooncakeTrace(): TracedRequest[] | null {
  const path = recordedPath(MOONCAKE)
  if (path === null) return null
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((text, index) => {
    const { timestamp, input_length: inputTokens, output_length: outputTokens, hash_ids: hashes } = JSON.parse(text) as Line
    const blocks = hashes.slice(0, Math.floor(inputTokens / BLOCK_TOKENS))
    return {
      atMs: timestamp,
      inputTokens,
      outputTokens,
      blocks,
      session: blocks[1] === undefined ? `short-${index}` : `conversation-${blocks[1]}`,
    }
  })
}
