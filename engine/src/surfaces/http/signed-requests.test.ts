import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { signRequest, type ToSign } from '../../../../conformance/keys/sign-request.ts'

interface Case extends Partial<Omit<ToSign, 'created'>> {
  readonly name: string
  /** Seconds since it was signed. */
  readonly age?: number
  readonly expiresIn?: number
  readonly digest?: 'sha-512'
  readonly sentBody?: string
  /** Headers that are sent otherwise than they were signed; null: not at all. */
  readonly replace?: Readonly<Record<string, string | null>>
  readonly refused: string | null
}

const { cases } = JSON.parse(readFileSync(new URL('../../../../conformance/keys/signatures.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[]
}

const ADMIN = { authorization: 'Bearer operators-own-secret-0123456789' }
const START = Date.parse('2026-11-22T10:00:00Z')
const PAIR = generateKeyPairSync('ed25519')
const OTHER = generateKeyPairSync('ed25519')
const CALL = { agent_name: 'Somebody else', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }

let now = START
let server: TestServer
let keyId = ''

async function start(): Promise<void> {
  now = START - 600_000
  server = await testServer({ auth: 'required', adminKey: 'operators-own-secret-0123456789', now: () => now })
  now = START
  keyId = await register(PAIR.publicKey, { agent: 'Signer', organization_id: 'a', team: 'research' })
}

async function register(publicKey: KeyObject, input: object): Promise<string> {
  const body = { name: 'k', public_key: publicKey.export({ format: 'jwk' }), ...input }
  const made = await server.send('POST', '/v1/finops/keys/public', body, ADMIN)
  expect(made.status, made.text).toBe(201)
  expect(made.body).not.toHaveProperty('secret')
  return (made.body as { key: { id: string } }).key.id
}

/** Sends what the headers sign, unless told to send something else. */
async function sendSigned(request: Partial<ToSign> = {}, key: KeyObject = PAIR.privateKey, sent: Partial<ToSign> = {}): Promise<Answer> {
  const whole: ToSign = {
    method: 'POST',
    url: '/v1/finops/calls/track',
    host: new URL(server.url).host,
    body: JSON.stringify(CALL),
    created: now / 1_000,
    keyId,
    ...request,
    headers: { 'content-type': 'application/json', ...request.headers },
  }
  const { method, url, body, headers } = { ...whole, headers: signRequest(key, whole), ...sent }
  return server.send(method, url, body, headers)
}

function expectRefused(answer: Answer, detail: string): void {
  expect([answer.status, answer.body?.code], answer.text).toEqual([401, 'invalid_signature'])
  expect(answer.body?.detail).toContain(detail)
  expect(answer.headers['www-authenticate']).toBeDefined()
}

describe('a signed request', () => {
  beforeAll(start)
  afterAll(() => server.close())

  it.each(cases)('$name', async ({ name: _, age, expiresIn, digest, sentBody, replace, refused, ...request }) => {
    const body = '{}'
    const host = new URL(server.url).host
    const whole: ToSign = {
      method: 'POST',
      url: '/v1/operations/ping',
      host,
      body,
      created: now / 1_000 - (age ?? 0),
      keyId,
      ...request,
      headers: {
        host,
        'content-type': 'application/json',
        ...(digest === undefined ? {} : { 'content-digest': `sha-512=:${createHash('sha512').update(body).digest('base64')}:` }),
        ...request.headers,
      },
      parameters: { ...(expiresIn === undefined ? {} : { expires: now / 1_000 + expiresIn }), ...request.parameters },
    }
    const headers: Record<string, string> = signRequest(PAIR.privateKey, whole)
    for (const [header, value] of Object.entries(replace ?? {})) {
      if (value === null) delete headers[header]
      else headers[header] = value
    }
    const answer = await server.send('POST', whole.url, sentBody ?? body, headers)
    if (refused === null) expect(answer.status, answer.text).toBe(200)
    else expectRefused(answer, refused)
  })

  it('without a body needs no digest, and one that is signed must be that of no bytes', async () => {
    const get = { method: 'GET', url: '/v1/finops/ping' }
    const { body: _, ...bare } = { ...get, body: undefined }
    const host = new URL(server.url).host
    const plain = signRequest(PAIR.privateKey, { ...bare, host, created: now / 1_000, keyId })
    const listed = await server.send('GET', get.url, undefined, plain)
    expect(listed.status).not.toBe(401)
    const empty = signRequest(PAIR.privateKey, { ...bare, host, body: '', created: now / 1_000, keyId })
    expect((await server.send('GET', get.url, undefined, empty)).status).toBe(listed.status)
    const stripped = signRequest(PAIR.privateKey, { ...bare, host, body: '{"a":1}', created: now / 1_000, keyId })
    expectRefused(await server.send('POST', '/v1/operations/ping', undefined, { ...stripped }), 'the signature is not that')
    const noBody = signRequest(PAIR.privateKey, {
      ...bare,
      method: 'POST',
      url: '/v1/operations/ping',
      host,
      body: '{}',
      created: now / 1_000,
      keyId,
    })
    expectRefused(await server.send('POST', '/v1/operations/ping', undefined, noBody), 'the body (0 bytes) is not the one')
  })

  it('that has any byte of what it covers changed is refused', async () => {
    const host = new URL(server.url).host
    const request = { method: 'POST', url: '/v1/operations/ping?a=b', host, body: JSON.stringify({ note: 'pay 10 dollars' }) }
    const parts = ['method', 'url', 'body', 'content-digest', 'signature-input', 'signature', 'x-covered'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 1, max: 94 }), async (part, at, shift) => {
        const signed: ToSign = {
          ...request,
          created: now / 1_000,
          keyId,
          headers: { 'content-type': 'application/json', 'x-covered': 'some value' },
          components: ['@method', '@target-uri', 'content-digest', 'x-covered'],
        }
        const sent: Record<string, string> = { ...request, ...signRequest(PAIR.privateKey, signed) }
        const original = sent[part] ?? ''
        const index = at % original.length
        const byte = 33 + ((original.charCodeAt(index) - 33 + shift + 94) % 94)
        const changed = `${original.slice(0, index)}${String.fromCharCode(byte)}${original.slice(index + 1)}`
        if (changed === original || meansTheSame(part, original, changed)) return
        sent[part] = changed
        const { method, url, body, host: _, ...headers } = sent
        const answer = await server.send(method ?? '', url ?? '', body, headers).catch(() => null)
        // A method or path that cannot be sent at all is refused by the client or the parser of HTTP.
        if (answer !== null) expect([400, 401, 404, 405], `${part} ${index}: ${changed} → ${answer.text}`).toContain(answer.status)
        if (answer !== null && part !== 'method' && part !== 'url') expect(answer.status, `${part}: ${changed} → ${answer.text}`).toBe(401)
      }),
      { numRuns: 400, seed: 9421 },
    )
  })
})

/** Base64 may have bits that stand for nothing; both texts are the same bytes. */
function meansTheSame(part: string, original: string, changed: string): boolean {
  if (part !== 'signature' && part !== 'content-digest') return false
  const [label, ...rest] = original.split('=')
  const [label2, ...rest2] = changed.split('=')
  return part === 'signature' && label === label2 && Buffer.from(rest.join('='), 'base64').equals(Buffer.from(rest2.join('='), 'base64'))
}

describe('a key that signs', () => {
  beforeEach(start)
  afterEach(() => server.close())

  it('reports in the name of its agent, whatever the body says, and reads nothing', async () => {
    const tracked = await sendSigned({ body: JSON.stringify({ ...CALL, call_id: 'c' }) })
    expect(tracked.status, tracked.text).toBe(200)
    const explained = await server.send('GET', '/v1/finops/calls/c', undefined, ADMIN)
    expect(explained.body).toMatchObject({ agent_name: 'Signer', organization_id: 'a', team: 'research', key_id: keyId })
    const other = await sendSigned({ body: JSON.stringify({ ...CALL, organization_id: 'b' }) })
    expect([other.status, other.body?.code]).toEqual([403, 'forbidden'])
    const { body: _, ...get } = { method: 'GET', url: '/v1/finops/analytics/agents', host: new URL(server.url).host, body: '' }
    const read = await server.send('GET', get.url, undefined, signRequest(PAIR.privateKey, { ...get, created: now / 1_000, keyId }))
    expect([read.status, read.body?.code]).toEqual([403, 'forbidden'])
  })

  it('lets each request in once', async () => {
    const host = new URL(server.url).host
    const signed: ToSign = { method: 'POST', url: '/v1/operations/ping', host, body: '{}', created: now / 1_000, keyId }
    const headers = { 'content-type': 'application/json', ...signRequest(PAIR.privateKey, signed) }
    const replay = (): Promise<Answer> => server.send('POST', '/v1/operations/ping', '{}', headers)
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await replay()).status))
    expect(statuses.sort()).toEqual([200, ...Array(7).fill(401)])
    expectRefused(await replay(), 'this nonce was used before')
    now += 299_000
    expectRefused(await replay(), 'this nonce was used before')
    now += 1_000
    expectRefused(await replay(), 'made 300 s ago')
  })

  it('is refused, to be signed anew, for what the server may have seen before it started', async () => {
    now = START - 600_000
    const early = await sendSigned({ created: START / 1_000 - 601 })
    expect([early.status, early.body?.code, early.body?.retryable]).toEqual([425, 'too_early', true])
    expect(early.headers['retry-after']).toBe('1')
  })

  it('does not let in what another key has signed, nor another under its id', async () => {
    const otherId = await register(OTHER.publicKey, { agent: 'Other', organization_id: 'a' })
    expectRefused(await sendSigned({}, OTHER.privateKey), 'the signature is not that')
    expectRefused(await sendSigned({ keyId: otherId }), 'the signature is not that')
    expect((await sendSigned({ keyId: otherId }, OTHER.privateKey)).status).toBe(200)
  })

  it('ends with the next request after it is revoked, and when it expires', async () => {
    expect((await sendSigned()).status).toBe(200)
    expect((await server.send('POST', `/v1/finops/keys/${keyId}/revoke`, undefined, ADMIN)).status).toBe(200)
    expectRefused(await sendSigned(), 'no public key of this id is registered, or it has expired or was revoked')
    keyId = await register(OTHER.publicKey, { agent: 'Other', organization_id: 'a', expires_at: '2026-11-22T10:01:00Z' })
    now += 59_000
    expect((await sendSigned({}, OTHER.privateKey)).status).toBe(200)
    now += 1_000
    expectRefused(await sendSigned({}, OTHER.privateKey), 'has expired')
  })

  it('is registered once in an organization, cannot be rotated, and opens nothing as a secret', async () => {
    const again = await server.send(
      'POST',
      '/v1/finops/keys/public',
      { name: 'again', agent: 'B', organization_id: 'a', public_key: PAIR.publicKey.export({ format: 'pem', type: 'spki' }) },
      ADMIN,
    )
    expect([again.status, again.body?.code, again.body?.path]).toEqual([409, 'id_reused', '/public_key'])
    const rotated = await server.send('POST', `/v1/finops/keys/${keyId}/rotate`, undefined, ADMIN)
    expect([rotated.status, rotated.body?.code]).toEqual([409, 'already_ended'])
    const { x } = PAIR.publicKey.export({ format: 'jwk' }) as { x: string }
    for (const secret of [x, `ed25519:${x}`, keyId, 'null', 'undefined']) {
      expect((await server.send('POST', '/v1/operations/ping', {}, { authorization: `Bearer ${secret}` })).status).toBe(401)
    }
  })

  it('is looked at only where no secret is sent', async () => {
    const host = new URL(server.url).host
    const headers = signRequest(PAIR.privateKey, {
      method: 'POST',
      url: '/v1/operations/ping',
      host,
      body: '{}',
      created: now / 1_000,
      keyId,
    })
    const wrong = await server.send('POST', '/v1/operations/ping', '{}', { ...headers, authorization: 'Bearer finops_wrong' })
    expect([wrong.status, wrong.body?.code]).toEqual([401, 'unauthenticated'])
  })

  it('takes bodies up to the limit and no larger ones', async () => {
    const large = JSON.stringify({ calls: [{ ...CALL, tags: { note: 'x'.repeat(200) } }], padding: 'x'.repeat(8 * 1024 * 1024) })
    const answer = await sendSigned({ url: '/v1/finops/calls/batch', body: large })
    expect([answer.status, answer.body?.code]).toEqual([413, 'too_large'])
    expect((await sendSigned()).status).toBe(200)
  })
})
