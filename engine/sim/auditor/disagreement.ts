import { isDeepStrictEqual } from 'node:util'
import { plainText } from '../plain-text.ts'

/** The program and the auditor differ: about what, and both sides. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement'
  readonly about: string
  readonly expected: string
  readonly found: string

  constructor(about: string, expected: string, found: string) {
    super(`${about}: expected ${expected}, found ${found}`)
    this.about = about
    this.expected = expected
    this.found = found
  }
}

/** Throws a `Disagreement` unless both are the same value, whatever objects hold it. */
export function mustAgree(about: string, expected: unknown, found: unknown): void {
  if (isDeepStrictEqual(expected, found)) return
  const [left, right] = [plainText(expected), plainText(found)]
  if (left !== right) throw new Disagreement(about, left, right)
}
