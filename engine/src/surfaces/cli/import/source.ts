/** One thing read from a log: a call to report (a body of `calls/track`), or a line that is none and why. */
export type Imported =
  | { readonly kind: 'call'; readonly file: string; readonly line: number | null; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'skipped'; readonly file: string; readonly line: number | null; readonly reason: string }

/** A kind of log people already have. */
export interface ImportSource {
  readonly name: string
  readonly title: string
  /** Files to read, for the paths given or else the places where this log usually is. */
  find(paths: readonly string[]): Promise<readonly string[]>
  /** Reads all files together, because one request may be written to several of them. */
  read(files: readonly string[], onFile: (file: string, index: number) => void): AsyncIterable<Imported>
}
