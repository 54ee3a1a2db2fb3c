import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AUDIT_START, type AuditDraft, checkAudit, type KeyRecord } from '../../ledger/index.ts'
import { openSqlite } from './index.ts'

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

describe('keys and audit on SQLite', () => {
  let folder = ''
  let stores: ReturnType<typeof openSqlite>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purser-open-'))
    stores = openSqlite({ folder })
  })
  afterEach(async () => {
    await stores.close()
    rmSync(folder, { recursive: true })
  })
  const reopen = async (): Promise<void> => {
    await stores.close()
    stores = openSqlite({ folder })
  }

  it('keeps keys with the entry that says who changed them', async () => {
    await stores.keys.putKeys([{ key: key('k1', 'org'), audit: audit('key.create') }])
    await stores.keys.putKeys([{ key: key('k2', null), audit: audit('key.create', null) }])
    await stores.keys.putKeys([{ key: { ...key('k1', 'org'), revokedAt: 9 }, audit: audit('key.revoke') }])
    await reopen()
    expect((await stores.keys.keyBySha256('sha of k1'))?.revokedAt).toBe(9)
    expect(await stores.keys.keyBySha256('other')).toBeNull()
    expect(await stores.keys.key('k2')).toEqual(key('k2', null))
    expect((await stores.keys.keys(null)).map(({ id }) => id)).toEqual(['k1', 'k2'])
    expect((await stores.keys.keys('org')).map(({ id }) => id)).toEqual(['k1'])
    expect((await stores.audit.auditTrail(null, 0, 10)).map(({ action }) => action)).toEqual(['key.create', 'key.create', 'key.revoke'])
  })

  it('notes when a key was last used, never back in time and never as a change of the key', async () => {
    const put = (one: KeyRecord): Promise<void> => stores.keys.putKeys([{ key: one, audit: audit('key.create') }])
    await put(key('k1', 'org'))
    await put(key('k2', 'other'))
    await put({ ...key('k3', 'org'), sha256: null, publicKey: 'x' })
    await put({ ...key('k4', 'org'), sha256: null, publicKey: 'x' })
    expect(await stores.keys.lastUses(null)).toEqual(new Map())
    await stores.keys.noteUses([
      { id: 'k1', at: 20 },
      { id: 'k2', at: 30 },
      { id: 'gone', at: 40 },
    ])
    await stores.keys.noteUses([{ id: 'k1', at: 10 }])
    await put({ ...key('k1', 'org'), revokedAt: 25 })
    await reopen()
    expect(await stores.keys.lastUses(null)).toEqual(new Map(Object.entries({ k1: 20, k2: 30 })))
    expect(await stores.keys.lastUses('org')).toEqual(new Map([['k1', 20]]))
    expect(await stores.keys.key('k4')).toEqual({ ...key('k4', 'org'), sha256: null, publicKey: 'x' })
    expect(await stores.audit.auditTrail(null, 0, 10)).toHaveLength(5)
  })

  it('writes no key and no audit entry when one of them cannot be', async () => {
    await stores.keys.putKeys([{ key: key('k1', 'org'), audit: audit('key.create') }])
    const good = { key: key('k3', 'org'), audit: audit('key.rotate') }
    const bad = { key: { ...key('k2', 'org'), sha256: 'sha of k1' }, audit: audit('key.rotate') }
    await expect(stores.keys.putKeys([good, bad])).rejects.toThrow()
    await expect(stores.keys.putKeys([{ ...good, audit: { ...good.audit, actor: null as unknown as string } }])).rejects.toThrow()
    expect((await stores.keys.keys(null)).map(({ id }) => id)).toEqual(['k1'])
    expect(await stores.audit.auditTrail(null, 0, 10)).toHaveLength(1)
  })

  it('chains the audit trail, so that a changed row is seen', async () => {
    for (const action of ['a', 'b', 'c']) await stores.audit.audit(audit(action, action === 'b' ? null : 'org'))
    expect((await stores.audit.auditTrail('org', 0, 10)).map(({ seq }) => seq)).toEqual([1, 3])
    expect(checkAudit(AUDIT_START, await stores.audit.auditTrail(null, 0, 10))).toMatchObject({ seq: 3, broken: null })
    const forger = new Database(stores.path)
    forger.exec(`UPDATE audit SET after = '{"a":2}' WHERE seq = 2`)
    forger.close()
    expect(checkAudit(AUDIT_START, await stores.audit.auditTrail(null, 0, 10)).broken).toEqual({ seq: 2, why: 'content' })
  })
})
