/** One comparison of an insight with recorded reality, and the document that says how it went. */
export interface BackTest {
  readonly name: string
  /** Below the root of the repository. */
  readonly document: string
  /** The text of the document; null where the recorded data is absent, and nothing can be said. */
  run(say: (line: string) => void): Promise<string | null>
}
