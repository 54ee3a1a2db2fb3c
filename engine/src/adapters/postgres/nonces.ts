import { fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import type { Pool } from './connect/pool.ts'
import { storedText } from './rows/stored-text.ts'

/** What lets each nonce of a key pass once. */
export interface PostgresNonces {
  take(
    signed: { readonly keyId: string; readonly nonce: string /** From here on the signature itself is refused. */; readonly until: Millis },
    now: Millis,
  ): Promise<Result<null>>
}

/** Takes between two removals of nonces whose signatures are refused by their time anyway. */
const PRUNE_EVERY = 256

/** The nonces of signed requests that any node has let in: each passes once, at whichever node, also after a restart. */
export function postgresNonces(books: Pool): PostgresNonces {
  let taken = 0
  return {
    async take({ keyId, nonce, until }, now) {
      taken += 1
      if (taken % PRUNE_EVERY === 0) await books.ask('DELETE FROM nonces WHERE until <= $1::bigint', [String(Math.floor(now))])
      const added = await books.ask(TAKE, [storedText(keyId), storedText(nonce), String(Math.ceil(until))])
      if (added.length === 1) return ok(null)
      return fail(refusal('invalid_signature', 'this nonce was used before: each request is signed with a new one'))
    },
  }
}

const TAKE = 'INSERT INTO nonces VALUES ($1::text, $2::text, $3::bigint) ON CONFLICT DO NOTHING RETURNING nonce'
