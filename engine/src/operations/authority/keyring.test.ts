import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../kernel/index.ts'
import type { KeyRecord, KeyStore } from '../../ledger/index.ts'
import { coalesced } from './coalesced.ts'
import { createKeyUses } from './key-uses.ts'
import { loadKeyring } from './keyring.ts'
import { memoryNonces, type SignedOnce } from './seen-nonces.ts'

const key = (id: string, changed: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  organization: 'org',
  name: id,
  prefix: id,
  sha256: sha256Hex(`secret of ${id}`),
  publicKey: null,
  agent: null,
  operations: ['report'],
  team: null,
  project: null,
  costCenter: null,
  createdAt: 1,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
  ...changed,
})

/** A store that several processes write, as far as keys in memory look at it. */
function sharedStore(first: readonly KeyRecord[]): KeyStore & { change(key: KeyRecord): void; asked: number; fails: boolean } {
  const changes: KeyRecord[] = [...first]
  const store = {
    asked: 0,
    fails: false,
    change: (changed: KeyRecord) => {
      changes.push(changed)
    },
    putKeys: async () => undefined,
    keyBySha256: async () => null,
    key: async () => null,
    keys: async () => [...new Map(changes.map((one) => [one.id, one])).values()],
    noteUses: async () => undefined,
    lastUses: async () => new Map<string, number>(),
    changedAfter: async (version: number) => {
      store.asked += 1
      if (store.fails) throw new Error('the store is away')
      return { version: changes.length, keys: changes.slice(version) }
    },
  }
  return store
}

describe('keys in memory', () => {
  it('see at the next request what another process has revoked or made', async () => {
    const store = sharedStore([key('k1')])
    const ring = await loadKeyring(store)
    expect(ring.callerOf('secret of k1', 10)?.keyId).toBe('k1')
    store.change(key('k1', { revokedAt: 9 }))
    store.change(key('k2'))
    await ring.refresh()
    expect([ring.callerOf('secret of k1', 10), ring.callerOf('secret of k2', 10)?.keyId]).toEqual([null, 'k2'])
    expect([ring.isSecret('secret of k1'), ring.isSecret('secret of k3')]).toEqual([true, false])
  })

  it('let nobody in by what may be out of date', async () => {
    const store = sharedStore([key('k1')])
    const ring = await loadKeyring(store)
    store.fails = true
    await expect(ring.refresh()).rejects.toThrow('away')
    store.fails = false
    await ring.refresh()
    expect(store.asked).toBe(3)
  })

  it('ask nobody where no other process writes', async () => {
    const { changedAfter: _, ...alone } = sharedStore([key('k1')])
    const ring = await loadKeyring(alone)
    expect(ring.refresh()).toBeNull()
    expect(ring.callerOf('secret of k1', 10)?.organization).toBe('org')
  })
})

describe('shared work', () => {
  it('answers each with work that began after it asked, and all who wait with the same', async () => {
    const runs: (() => void)[] = []
    const shared = coalesced(() => new Promise<void>((resolve) => runs.push(resolve)))
    const first = shared()
    const [second, third] = [shared(), shared()]
    expect(second).toBe(third)
    expect(runs).toHaveLength(1)
    runs[0]?.()
    await first
    await Promise.resolve()
    expect(runs).toHaveLength(2)
    const fourth = shared()
    runs[1]?.()
    await second
    await Promise.resolve()
    expect(runs).toHaveLength(3)
    runs[2]?.()
    await fourth
    const fifth = shared()
    expect(runs).toHaveLength(4)
    runs[3]?.()
    await fifth
  })
})

describe('when keys were last used', () => {
  it('is written once for many uses, and known before it is written', async () => {
    const written: unknown[] = []
    const uses = createKeyUses({
      noteUses: async (batch) => {
        written.push(batch)
      },
      lastUses: async () => new Map([['k2', 50]]),
    })
    for (const at of [10, 30, 20]) uses.note('k1', at)
    uses.note('k2', 40)
    expect(await uses.lastUses(null)).toEqual(
      new Map([
        ['k1', 30],
        ['k2', 50],
      ]),
    )
    await uses.write()
    await uses.write()
    expect(written).toEqual([
      [
        { id: 'k1', at: 30 },
        { id: 'k2', at: 40 },
      ],
    ])
  })

  it('is kept for the next time when it cannot be written', async () => {
    let fails = true
    const written: unknown[] = []
    const uses = createKeyUses({
      noteUses: async (batch) => {
        if (fails) throw new Error('disk full')
        written.push(batch)
      },
      lastUses: async () => new Map(),
    })
    uses.note('k1', 10)
    await expect(uses.write()).rejects.toThrow('disk full')
    fails = false
    await uses.write()
    expect(written).toEqual([[{ id: 'k1', at: 10 }]])
  })
})

describe('nonces', () => {
  const once = (nonce: string, changed: Partial<SignedOnce> = {}): SignedOnce => ({
    keyId: 'k',
    nonce,
    created: 1_000,
    until: 61_000,
    ...changed,
  })

  it('pass once per key, for as long as the signature holds', async () => {
    const nonces = memoryNonces(1_000, { noncesMax: 10, noncesPerKeyMax: 5 })
    expect((await nonces.take(once('a'), 1_000)).ok).toBe(true)
    expect(await nonces.take(once('a'), 60_999)).toMatchObject({ ok: false, error: { code: 'invalid_signature' } })
    expect((await nonces.take(once('a', { keyId: 'other' }), 1_000)).ok).toBe(true)
    expect(await nonces.take(once('b', { created: 999 }), 1_000)).toMatchObject({ ok: false, error: { code: 'too_early' } })
  })

  it('are bounded, and what cannot be remembered is not let in', async () => {
    const nonces = memoryNonces(0, { noncesMax: 3, noncesPerKeyMax: 2 })
    expect((await nonces.take(once('a'), 1_000)).ok).toBe(true)
    expect((await nonces.take(once('b'), 1_000)).ok).toBe(true)
    expect(await nonces.take(once('c'), 1_000)).toMatchObject({ ok: false, error: { code: 'overloaded' } })
    expect((await nonces.take(once('a', { keyId: 'l' }), 1_000)).ok).toBe(true)
    expect(await nonces.take(once('b', { keyId: 'l' }), 1_000)).toMatchObject({ ok: false, error: { code: 'overloaded' } })
    // There is room again when they have ended, and not before.
    expect(await nonces.take(once('c'), 60_999)).toMatchObject({ ok: false })
    expect((await nonces.take(once('c', { until: 200_000 }), 70_000)).ok).toBe(true)
    expect((await nonces.take(once('d', { until: 200_000 }), 70_000)).ok).toBe(true)
    expect(await nonces.take(once('e', { until: 200_000 }), 70_000)).toMatchObject({ ok: false, error: { code: 'overloaded' } })
  })
})
