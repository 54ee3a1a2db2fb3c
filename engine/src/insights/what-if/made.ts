import type { CallRow } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import type { Change } from './change.ts'

/** What becomes of a call before its cost is looked at. */
export interface Made {
  readonly made: boolean
  /** A change depends on what the call repeats, and it has no fingerprint. */
  readonly untold: boolean
  /** A change that depends on what the call repeats was decided for it. */
  readonly compared: boolean
}

/**
 * Decides call by call, in the order of time, whether it would have been made. What came before the first call of the question is not known here. A call
 * that would not have been made makes no other one needless.
 */
export function madeDecider(changes: readonly Change[]): (row: CallRow, concerns: (change: number) => boolean) => Made {
  const answered = new Map<string, Millis>()
  const failed = new Map<string, Millis>()
  return (row, concerns) => {
    let untold = false
    let compared = false
    for (const [index, change] of changes.entries()) {
      if (!concerns(index)) continue
      if (change.kind === 'drop') return { made: false, untold: false, compared }
      if (change.kind !== 'dedupe' && change.kind !== 'retries') continue
      const request = requestOf(row)
      if (request === null) {
        untold = true
        continue
      }
      compared = true
      const key = `${index} ${request}`
      const needless =
        change.kind === 'dedupe'
          ? isAnswered(answered, key, row, change.withinMs)
          : isRetry(failed, `${key} ${JSON.stringify(row.agent)}`, row, change.withinMs)
      if (needless) return { made: false, untold: false, compared }
    }
    return { made: true, untold, compared }
  }
}

/** What tells equal requests to one model from all others; null without a fingerprint. */
export function requestOf({ organization, seller, model, fingerprint }: CallRow): string | null {
  return fingerprint === null ? null : JSON.stringify([organization, seller, model, fingerprint])
}

/** A failed call gives no answer that could be used again. */
function isAnswered(answered: Map<string, Millis>, key: string, { at, success }: CallRow, withinMs: number): boolean {
  const before = answered.get(key)
  if (before !== undefined && at - before < withinMs) return true
  if (success) answered.set(key, at)
  return false
}

function isRetry(failed: Map<string, Millis>, key: string, { at, success }: CallRow, withinMs: number): boolean {
  const before = failed.get(key)
  const retried = before !== undefined && at - before < withinMs
  if (success) failed.delete(key)
  else failed.set(key, at)
  return retried
}
