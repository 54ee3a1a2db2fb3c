import { fail, formatInstant, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'

/** A signed request as far as it could be repeated by somebody else: until when its signature would still be taken. */
export interface SignedOnce {
  readonly keyId: string
  readonly nonce: string
  /** When the request was signed, by the clock of the agent. */
  readonly created: Millis
  /** From here on the signature itself is refused. */
  readonly until: Millis
}

/** Lets each nonce of a key pass once. A store that several processes share implements it for all of them. */
export interface SeenNonces {
  /**
   * Refuses `invalid_signature` for a nonce that was used, `too_early` for a signature that is older than this memory, and `overloaded` when
   * there is no room to remember it: what cannot be remembered could be repeated.
   */
  take(signed: SignedOnce, now: Millis): Promise<Result<null>>
}

export interface NonceLimits {
  readonly noncesMax: number
  readonly noncesPerKeyMax: number
}

/** Nonces in memory, each as long as its signature holds. What was signed before `since` may have been used before this process started. */
export function memoryNonces(since: Millis, limits: NonceLimits): SeenNonces {
  const seen = new Set<string>()
  const perKey = new Map<string, number>()
  const due = new Map<number, { readonly nonce: string; readonly keyId: string }[]>()

  const forget = (now: Millis): void => {
    for (const [slot, entries] of due) {
      if (slot * SLOT_MS > now) continue
      for (const { nonce, keyId } of entries) {
        seen.delete(nonce)
        const left = (perKey.get(keyId) ?? 0) - 1
        if (left > 0) perKey.set(keyId, left)
        else perKey.delete(keyId)
      }
      due.delete(slot)
    }
  }

  return {
    async take({ keyId, nonce: given, created, until }, now) {
      if (created < since) {
        const detail = `the request was signed before this server started at ${formatInstant(since)}, which may have seen it before: sign it anew`
        return fail(refusal('too_early', detail))
      }
      const nonce = `${keyId} ${given}`
      if (seen.has(nonce)) return fail(refusal('invalid_signature', 'this nonce was used before: each request is signed with a new one'))
      forget(now)
      const ofKey = perKey.get(keyId) ?? 0
      if (ofKey >= limits.noncesPerKeyMax || seen.size >= limits.noncesMax) {
        return fail(
          refusal('overloaded', 'too many signed requests in a short time: sign with an earlier expiry, or send more in one request'),
        )
      }
      seen.add(nonce)
      perKey.set(keyId, ofKey + 1)
      const slot = Math.ceil(until / SLOT_MS)
      const entries = due.get(slot)
      if (entries === undefined) due.set(slot, [{ nonce, keyId }])
      else entries.push({ nonce, keyId })
      return ok(null)
    },
  }
}

const SLOT_MS = 10_000
