import type { KeyObject } from 'node:crypto'
import type { Millis } from '../../kernel/index.ts'
import { sha256Hex } from '../../kernel/index.ts'
import { type KeyRecord, type KeyStore, keyState, publicKeyObject } from '../../ledger/index.ts'
import type { Caller } from '../context.ts'
import { coalesced } from './coalesced.ts'

/** An agent's public key that works, and whom it lets in. */
export interface Signer {
  readonly publicKey: KeyObject
  readonly caller: Caller
}

/**
 * The keys in memory: a request is let in without asking the store. Every change of a key goes through `put`, so what is revoked here is refused
 * with the next request; what another process revokes is seen by `refresh`.
 */
export interface Keyring {
  /** The caller behind a secret, or null when it opens nothing (any more). */
  callerOf(secret: string, now: Millis): Caller | null
  /** Whether a text is the secret of a key, also of one that does not work any more. */
  isSecret(text: string): boolean
  /** The public key registered under an id, or null when it verifies nothing (any more). */
  signerOf(keyId: string, now: Millis): Signer | null
  /** Whether no key was ever made, but those of the sandbox. From the first one on local mode asks for one too; revoking it does not open the door again. */
  isEmpty(): boolean
  put(key: KeyRecord): void
  /** Reads all keys again: another node has changed some. */
  reload(): Promise<void>
  /**
   * Resolves when the changes that other processes have made so far are here; null where no other process writes. Rejects when the store
   * cannot be asked: then nobody can be let in.
   */
  refresh(): Promise<void> | null
}

interface Kept {
  readonly key: KeyRecord
  readonly caller: Caller
  readonly publicKey: KeyObject | null
}

export async function loadKeyring(store: KeyStore): Promise<Keyring> {
  const byId = new Map<string, Kept>()
  const bySha256 = new Map<string, Kept>()
  const closing = new Set<string>()
  const put = (key: KeyRecord): void => {
    const kept = { key, caller: callerOfKey(key), publicKey: key.publicKey === null ? null : publicKeyObject(key.publicKey) }
    byId.set(key.id, kept)
    if (key.sandbox !== true) closing.add(key.id)
    if (key.sha256 !== null) bySha256.set(key.sha256, kept)
  }
  let version = 0
  const follow = coalesced(async () => {
    const changed = await store.changedAfter?.(version)
    if (changed === undefined) return
    for (const key of changed.keys) put(key)
    version = changed.version
  })
  await follow()
  const reload = async (): Promise<void> => {
    for (const key of await store.keys(null)) put(key)
  }
  await reload()
  return {
    put,
    reload,
    callerOf(secret, now) {
      const found = bySha256.get(sha256Hex(secret))
      return found !== undefined && works(found.key, now) ? found.caller : null
    },
    isSecret: (text) => bySha256.has(sha256Hex(text)),
    signerOf(keyId, now) {
      const found = byId.get(keyId)
      if (found === undefined || found.publicKey === null || !works(found.key, now)) return null
      return { publicKey: found.publicKey, caller: found.caller }
    },
    isEmpty: () => closing.size === 0,
    refresh: () => (store.changedAfter === undefined ? null : follow()),
  }
}

function works(key: KeyRecord, now: Millis): boolean {
  return keyState(key, now) === 'active'
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
