import type { Millis } from '../../kernel/index.ts'
import type { Usage } from '../usage.ts'

/** One billed request found in a local session log. */
export interface SessionRecord {
  /** Stable over re-reads and over copies of the same request in other files: the key against double counting. */
  readonly id: string
  readonly source: 'claude-code' | 'codex'
  readonly sessionId: string | null
  readonly at: Millis
  readonly usage: Usage
  readonly cwd: string | null
  readonly gitBranch: string | null
  readonly version: string | null
  /** Whether a sub-agent made the request. */
  readonly isSidechain: boolean
  readonly agentId: string | null
  readonly parentUuid: string | null
  /** File and line (from 1) that the record was taken from. */
  readonly file: string
  readonly line: number
}

export interface SkippedLine {
  readonly file: string
  readonly line: number
  readonly reason:
    | 'not_json'
    | 'cut_off'
    | 'synthetic'
    | 'api_error'
    | 'no_time'
    | 'no_id'
    | 'replayed'
    | 'counter_went_back'
    | 'invalid_counter'
  readonly detail: string
}

/** What a session log holds. Lines that carry no usage (prompts, tool results, snapshots) are counted and not listed. */
export interface SessionLog {
  readonly records: readonly SessionRecord[]
  readonly skipped: readonly SkippedLine[]
  readonly lines: number
}

/**
 * Reads logs line by line: `open` each file, `take` its lines, then `end`. One reader over all files of a folder finds the copies of a
 * request in several files; the name of a file is only a label.
 */
export interface SessionReader {
  open(file: string): void
  take(line: string): void
  end(): SessionLog
}

export function readLines(reader: SessionReader, lines: Iterable<string>): SessionLog {
  for (const line of lines) reader.take(line)
  return reader.end()
}

export async function readLinesAsync(reader: SessionReader, lines: AsyncIterable<string>): Promise<SessionLog> {
  for await (const line of lines) reader.take(line)
  return reader.end()
}
