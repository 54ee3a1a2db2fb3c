import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ok } from '../../../kernel/index.ts'
import { publicKeyObject } from '../../../ledger/index.ts'
import { readContentDigest, wrongBody } from './content-digest.ts'
import type { SignedMessage } from './message.ts'
import { verifyMessage } from './verify.ts'

const { vector } = JSON.parse(readFileSync(new URL('../../../../../conformance/keys/signatures.json', import.meta.url), 'utf8')) as {
  readonly vector: {
    readonly publicKey: string
    readonly method: string
    readonly url: string
    readonly host: string
    readonly fields: Readonly<Record<string, string>>
    readonly body: string
  }
}

const message = (fields: Readonly<Record<string, string>> = vector.fields, changed: Partial<SignedMessage> = {}): SignedMessage => ({
  method: vector.method,
  url: vector.url,
  host: vector.host,
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
  ...changed,
})

const verified = async (signed: SignedMessage): Promise<string> => {
  const result = await verifyMessage(signed, () => ok({ publicKey: publicKeyObject(vector.publicKey) }))
  return result.ok ? 'genuine' : result.error.detail
}

const WRONG = 'the signature is not that of this request under this key'

describe('the vector of RFC 9421, B.2.6', () => {
  it('is genuine, and its body is the one that its digest says', async () => {
    expect(await verified(message())).toBe('genuine')
    const digest = readContentDigest(vector.fields['Content-Digest'] ?? '')
    expect(digest.ok && wrongBody(digest.value, Buffer.from(vector.body))).toBeNull()
    expect(digest.ok && wrongBody(digest.value, Buffer.from(`${vector.body} `))).toMatchObject({ code: 'invalid_signature' })
  })

  it.each([
    ['another method', {}, { method: 'PUT' }, WRONG],
    ['another path', {}, { url: '/fooo?param=Value&Pet=dog' }, WRONG],
    ['another host', {}, { host: 'example.org' }, WRONG],
    ['another date', { Date: 'Tue, 20 Apr 2021 02:07:56 GMT' }, {}, WRONG],
    ['another length', { 'Content-Length': '19' }, {}, WRONG],
    ['a date sent twice', { date: 'Tue, 20 Apr 2021 02:07:55 GMT' }, {}, WRONG],
    ['a query that is not covered', {}, { url: '/foo?other' }, 'genuine'],
    ['a header that is not covered', { 'Content-Type': 'application/json', 'x-more': 'käse' }, {}, 'genuine'],
  ])('with %s', async (_, fields, changed, said) => {
    expect(await verified(message({ ...vector.fields, ...fields }, changed))).toBe(said)
  })

  it('is found by our label among the signatures of others, and by no other', async () => {
    const beside = (label: string): SignedMessage =>
      message({
        ...vector.fields,
        'Signature-Input': `proxy=("@method");keyid="p", ${vector.fields['Signature-Input']?.replace('sig-b26', label)}`,
        Signature: `proxy=:AAAA:, ${vector.fields.Signature?.replace('sig-b26', label)}`,
      })
    expect(await verified(beside('purser'))).toBe('genuine')
    expect(await verified(beside('mine'))).toContain('Label purser is not present')
  })
})
