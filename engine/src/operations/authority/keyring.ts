import type { Millis } from '../../kernel/index.ts'
import { sha256Hex } from '../../kernel/index.ts'
import type { KeyRecord, KeyStore } from '../../ledger/index.ts'
import type { Caller } from '../context.ts'

/**
 * Keys by the hash of their secret, in memory: a request is let in without asking the store. Every change of a key goes through
 * `put`, so what is revoked here is refused with the next request.
 */
export interface Keyring {
  /** The caller behind a secret, or null when it opens nothing (any more). */
  callerOf(secret: string, now: Millis): Caller | null
  /** Whether no key was ever made. From the first one on local mode asks for one too; revoking it does not open the door again. */
  isEmpty(): boolean
  put(key: KeyRecord): void
  /** Reads all keys again: another node has changed some. */
  reload(): Promise<void>
}

export async function loadKeyring(store: KeyStore): Promise<Keyring> {
  let bySha256 = new Map<string, { key: KeyRecord; caller: Caller }>()
  const put = (key: KeyRecord): void => {
    bySha256.set(key.sha256, { key, caller: callerOfKey(key) })
  }
  const reload = async (): Promise<void> => {
    const keys = await store.keys(null)
    bySha256 = new Map()
    for (const key of keys) put(key)
  }
  await reload()
  return {
    put,
    reload,
    callerOf(secret, now) {
      const found = bySha256.get(sha256Hex(secret))
      return found !== undefined && works(found.key, now) ? found.caller : null
    },
    isEmpty: () => bySha256.size === 0,
  }
}

function works(key: KeyRecord, now: Millis): boolean {
  return key.revokedAt === null && (key.expiresAt === null || now < key.expiresAt)
}

function callerOfKey(key: KeyRecord): Caller {
  const says = key.team !== null || key.project !== null || key.costCenter !== null
  return {
    actor: key.id,
    keyId: key.id,
    organization: key.organization,
    agent: key.agent,
    operations: key.operations,
    defaults: says ? { team: key.team, project: key.project, costCenter: key.costCenter } : null,
  }
}
