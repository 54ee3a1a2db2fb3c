import { describe, expect, it } from 'vitest'
import type { AuditDraft } from '../audit-records.ts'
import type { AuditStore } from '../ports.ts'
import type { DocumentChange, DocumentStore } from './documents.ts'

interface Opened {
  readonly store: DocumentStore
  readonly audit: AuditStore
  close(): Promise<void>
}

/** What every store of documents must do; run for each of them. */
export function documentStoreSuite(name: string, open: () => Promise<Opened>): void {
  const withStore = async (test: (opened: Opened) => Promise<void>): Promise<void> => {
    const opened = await open()
    try {
      await test(opened)
    } finally {
      await opened.close()
    }
  }
  describe(`document store: ${name}`, () => {
    it('keeps documents by organization, kind and id, as written', () =>
      withStore(async ({ store }) => {
        const body = '{"ünïcode":"\\"text\\"\\u0000","n":1.10}'
        const keys = [
          { organization: 'a', kind: 'k', id: '1' },
          { organization: 'b', kind: 'k', id: '1' },
          { organization: 'a', kind: 'l', id: '1' },
          { organization: 'a', kind: 'k', id: 'ü\u0000' },
        ]
        expect(
          await store.putDocuments(
            keys.map((key, at) => ({ ...key, at, body, basedOn: 0 })),
            [],
          ),
        ).toBe(true)
        for (const [at, key] of keys.entries()) expect(await store.document(key)).toEqual({ ...key, at, version: 1, body })
        expect(await store.document({ organization: 'c', kind: 'k', id: '1' })).toBeNull()
        expect((await store.documents('a', { kind: 'k' })).map(({ id }) => id)).toEqual(['1', 'ü\u0000'])
        expect((await store.documents(null, { kind: 'k' })).map(({ organization }) => organization)).toEqual(['a', 'b', 'a'])
      }))

    it('lists by time, then by id, within a time, as many as were asked for', () =>
      withStore(async ({ store }) => {
        await store.putDocuments([change('c', 5), change('b', 5), change('a', 7), change('d', -3), change('e', 9)], [])
        const ids = async (asked: object) => (await store.documents('org', { kind: 'k', ...asked })).map(({ id }) => id)
        expect(await ids({})).toEqual(['d', 'b', 'c', 'a', 'e'])
        expect(await ids({ from: 5, to: 9 })).toEqual(['b', 'c', 'a'])
        expect(await ids({ limit: 2 })).toEqual(['d', 'b'])
        expect(await ids({ limit: 2, descending: true })).toEqual(['e', 'a'])
        expect(await ids({ from: 10 })).toEqual([])
      }))

    it('changes only what it was changed on, all or none', () =>
      withStore(async ({ store, audit }) => {
        expect(await store.putDocuments([change('a', 1, { basedOn: 0 })], [by('x')])).toBe(true)
        expect(await store.putDocuments([change('a', 2, { basedOn: 0 })], [by('y')])).toBe(false)
        expect(await store.putDocuments([change('new', 2, { basedOn: 0 }), change('a', 2, { basedOn: 2 })], [by('y')])).toBe(false)
        expect(await store.document(key('new'))).toBeNull()
        expect(await store.putDocuments([change('missing', 2, { basedOn: 1 })], [])).toBe(false)
        expect(await store.putDocuments([change('a', 2, { basedOn: 1, body: '2' })], [by('z')])).toBe(true)
        expect(await store.document(key('a'))).toEqual({ ...key('a'), at: 2, version: 2, body: '2' })
        expect(await store.putDocuments([change('a', 3, { basedOn: null, body: '3' })], [])).toBe(true)
        expect(await store.document(key('a'))).toMatchObject({ version: 3, body: '3' })
        expect((await audit.auditTrail('org', 0, 10)).map(({ actor }) => actor)).toEqual(['x', 'z'])
      }))

    it('counts versions on over a removal, so that nobody changes a document that another one has taken the place of', () =>
      withStore(async ({ store }) => {
        await store.putDocuments([change('a', 1)], [])
        expect(await store.putDocuments([change('a', 1, { basedOn: 1, body: null })], [by('x')])).toBe(true)
        expect(await store.document(key('a'))).toBeNull()
        expect(await store.documents('org', { kind: 'k' })).toEqual([])
        expect(await store.versionOf(key('a'))).toBe(2)
        expect(await store.versionOf(key('never'))).toBe(0)
        expect(await store.putDocuments([change('a', 4, { basedOn: 0 })], [])).toBe(false)
        expect(await store.putDocuments([change('a', 4, { basedOn: 2 })], [])).toBe(true)
        expect(await store.document(key('a'))).toMatchObject({ version: 3, at: 4 })
      }))

    it('lets one of those win who change the same documents at once', () =>
      withStore(async ({ store }) => {
        await store.putDocuments([change('a', 1), change('b', 1)], [])
        const changes = Array.from({ length: 8 }, (_, index) => {
          const both = [change('a', 1, { basedOn: 1, body: `"${index}"` }), change('b', 1, { basedOn: 1, body: `"${index}"` })]
          return store.putDocuments(index % 2 === 0 ? both : both.reverse(), index % 3 === 0 ? [by('x')] : [])
        })
        expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1)
        const [a, b] = await store.documents('org', { kind: 'k' })
        expect([a?.version, b?.version]).toEqual([2, 2])
        expect(a?.body).toBe(b?.body)
      }))
  })
}

function key(id: string) {
  return { organization: 'org', kind: 'k', id }
}

function change(id: string, at: number, said: Partial<DocumentChange> = {}): DocumentChange {
  return { ...key(id), at, body: '{}', basedOn: null, ...said }
}

function by(actor: string): AuditDraft {
  return { at: 1, organization: 'org', actor, action: 'put_document', target: 'a', before: null, after: '{}' }
}
