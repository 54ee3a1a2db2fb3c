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

/** Throws a `Disagreement` about the first thing that differs, unless both are the same value, whatever objects hold it. */
export function mustAgree(about: string, expected: unknown, found: unknown): void {
  if (isDeepStrictEqual(expected, found)) return
  const [left, right] = [plainText(expected), plainText(found)]
  if (left === right) return
  if (isComposite(expected) && isComposite(found)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      mustAgree(`${about}, ${name}`, memberOf(expected, name), memberOf(found, name))
    }
  }
  throw new Disagreement(about, left, right)
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function memberOf(value: object, name: string): unknown {
  return Object.entries(value).find(([key]) => key === name)?.[1]
}
