import type { FocusVersion } from '../columns.ts'
import type { Cells } from './cells.ts'

/** The columns of a file, and what it is checked against. */
export interface FileFacts {
  readonly version: FocusVersion
  readonly header: readonly string[]
  readonly has: (column: string) => boolean
  /** Whether what a conditional column is for is said to be supported, or seems to be because another column for it is there. */
  readonly supports: (condition: string) => boolean
}

/** What a rule watches while a file is read. */
export interface Watch {
  /** True: the row breaks the rule. */
  readonly row?: (cells: Cells) => boolean
  /** Asked at the end: what breaks the rule otherwise, in words. */
  readonly end?: () => readonly string[]
}

/** One rule of the specification, or of ours where its readers trip. */
export interface FocusRule {
  readonly id: string
  /** What must hold. */
  readonly text: string
  readonly severity: 'must' | 'should'
  /** The columns that it speaks of: without one of them it does not apply. */
  readonly columns: readonly string[]
  /** Begins to watch a file, or says why the rule does not apply to it. */
  readonly watch: (file: FileFacts) => Watch | string
}

/** A rule about each row by itself. */
export function rowRule(
  id: string,
  columns: readonly string[],
  text: string,
  breaks: (cells: Cells) => boolean,
  severity: FocusRule['severity'] = 'must',
): FocusRule {
  return { id, text, severity, columns, watch: () => ({ row: breaks }) }
}

/** A rule that no file can show to be kept or broken; it is named, so that nobody takes it for checked. */
export function unseenRule(id: string, columns: readonly string[], text: string, reason: string): FocusRule {
  return { id, text, severity: 'must', columns, watch: () => reason }
}
