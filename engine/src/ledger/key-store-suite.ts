import { describe, expect, it } from 'vitest'
import { AUDIT_START, checkAudit } from './audit.ts'
import type { AuditDraft } from './audit-records.ts'
import type { AuditStore, KeyRecord, KeyStore } from './ports.ts'

/** A place that keys and the audit trail are kept in. */
export interface KeyPlace {
  open(): Promise<OpenKeys>
  /** Runs SQL past the program, as someone who means ill would. */
  forge(statement: string): Promise<void>
  remove(): Promise<void>
}

export interface OpenKeys {
  readonly keys: KeyStore
  readonly audit: AuditStore
  readonly fingerprintKey: Uint8Array
  close(): Promise<void>
}

const audit = (action: string, organization: string | null = 'org'): AuditDraft => ({
  at: 5,
  organization,
  actor: 'local',
  action,
  target: 't',
  before: null,
  after: '{"a":1}',
})

const key = (id: string, organization: string | null): KeyRecord => ({
  id,
  organization,
  name: id,
  prefix: 'finops_abc',
  sha256: `sha of ${id}`,
  publicKey: null,
  agent: null,
  operations: null,
  team: null,
  project: null,
  costCenter: null,
  createdAt: 1,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
})

/** What every store of keys and of the audit trail must do; run for each of them. `forge` changes the table `audit`. */
export function keyStoreSuite(name: string, newPlace: () => Promise<KeyPlace>): void {
  const withStores = async (test: (stores: OpenKeys, place: KeyPlace) => Promise<void>): Promise<void> => {
    const place = await newPlace()
    const stores = await place.open()
    try {
      await test(stores, place)
    } finally {
      await stores.close()
      await place.remove()
    }
  }
  describe(`keys and audit: ${name}`, () => {
    keepsFingerprintKey(newPlace)

    it('keeps keys with the entry that says who changed them', () =>
      withStores(async (first, place) => {
        await first.keys.putKeys([{ key: key('k1', 'org'), audit: audit('key.create') }])
        await first.keys.putKeys([{ key: key('k2', null), audit: audit('key.create', null) }])
        await first.keys.putKeys([{ key: { ...key('k1', 'org'), revokedAt: 9 }, audit: audit('key.revoke') }])
        await first.close()
        const stores = await place.open()
        try {
          expect((await stores.keys.keyBySha256('sha of k1'))?.revokedAt).toBe(9)
          expect(await stores.keys.keyBySha256('other')).toBeNull()
          expect(await stores.keys.key('k2')).toEqual(key('k2', null))
          expect((await stores.keys.keys(null)).map(({ id }) => id)).toEqual(['k1', 'k2'])
          expect((await stores.keys.keys('org')).map(({ id }) => id)).toEqual(['k1'])
          const actions = (await stores.audit.auditTrail(null, 0, 10)).map(({ action }) => action)
          expect(actions).toEqual(['key.create', 'key.create', 'key.revoke'])
        } finally {
          await stores.close()
        }
      }))

    it('notes when a key was last used, never back in time and never as a change of the key', () =>
      withStores(async (first, place) => {
        const put = (one: KeyRecord): Promise<void> => first.keys.putKeys([{ key: one, audit: audit('key.create') }])
        await put(key('k1', 'org'))
        await put(key('k2', 'other'))
        await put({ ...key('k3', 'org'), sha256: null, publicKey: 'x' })
        await put({ ...key('k4', 'org'), sha256: null, publicKey: 'x' })
        expect(await first.keys.lastUses(null)).toEqual(new Map())
        await first.keys.noteUses([
          { id: 'k1', at: 20 },
          { id: 'k2', at: 30 },
          { id: 'gone', at: 40 },
        ])
        await first.keys.noteUses([{ id: 'k1', at: 10 }])
        await put({ ...key('k1', 'org'), revokedAt: 25 })
        await first.close()
        const stores = await place.open()
        try {
          expect(await stores.keys.lastUses(null)).toEqual(new Map(Object.entries({ k1: 20, k2: 30 })))
          expect(await stores.keys.lastUses('org')).toEqual(new Map([['k1', 20]]))
          expect(await stores.keys.key('k4')).toEqual({ ...key('k4', 'org'), sha256: null, publicKey: 'x' })
          expect(await stores.audit.auditTrail(null, 0, 10)).toHaveLength(5)
        } finally {
          await stores.close()
        }
      }))

    it('writes no key and no audit entry when one of them cannot be', () =>
      withStores(async (stores) => {
        await stores.keys.putKeys([{ key: key('k1', 'org'), audit: audit('key.create') }])
        const good = { key: key('k3', 'org'), audit: audit('key.rotate') }
        const bad = { key: { ...key('k2', 'org'), sha256: 'sha of k1' }, audit: audit('key.rotate') }
        await expect(stores.keys.putKeys([good, bad])).rejects.toThrow()
        await expect(stores.keys.putKeys([{ ...good, audit: { ...good.audit, actor: null as unknown as string } }])).rejects.toThrow()
        expect((await stores.keys.keys(null)).map(({ id }) => id)).toEqual(['k1'])
        expect(await stores.audit.auditTrail(null, 0, 10)).toHaveLength(1)
      }))

    it('chains the audit trail, so that a changed row is seen', () =>
      withStores(async (stores, place) => {
        for (const action of ['a', 'b', 'c']) await stores.audit.audit(audit(action, action === 'b' ? null : 'org'))
        expect((await stores.audit.auditTrail('org', 0, 10)).map(({ seq }) => seq)).toEqual([1, 3])
        expect(checkAudit(AUDIT_START, await stores.audit.auditTrail(null, 0, 10))).toMatchObject({ seq: 3, broken: null })
        await place.forge(`UPDATE audit SET after = '{"a":2}' WHERE seq = 2`)
        expect(checkAudit(AUDIT_START, await stores.audit.auditTrail(null, 0, 10)).broken).toEqual({ seq: 2, why: 'content' })
      }))

    it('chains entries that come at once', () =>
      withStores(async (stores) => {
        await Promise.all(Array.from({ length: 20 }, (_, at) => stores.audit.audit(audit(`a${at}`))))
        expect(checkAudit(AUDIT_START, await stores.audit.auditTrail(null, 0, 100))).toMatchObject({ seq: 20, broken: null })
      }))
  })
}

function keepsFingerprintKey(newPlace: () => Promise<KeyPlace>): void {
  it('come with one key of fingerprints for ever, which no other place has', async () => {
    const [place, elsewhere] = [await newPlace(), await newPlace()]
    const drawn: string[] = []
    for (const opened of [place, place, elsewhere]) {
      const stores = await opened.open()
      drawn.push(Buffer.from(stores.fingerprintKey).toString('hex'))
      await stores.close()
    }
    await Promise.all([place.remove(), elsewhere.remove()])
    expect(drawn[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(drawn[1]).toBe(drawn[0])
    expect(drawn[2]).not.toBe(drawn[0])
  })
}
