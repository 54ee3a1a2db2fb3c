/** A broken invariant: a bug of ours, never the caller's fault. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws when an invariant does not hold. For bugs; a refusal of bad input is a `Result`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`)
}
