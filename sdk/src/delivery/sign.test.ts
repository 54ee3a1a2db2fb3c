import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../conformance/http/test-server.ts'
import type { DeliveryError } from '../options.ts'
import { createTracker } from '../tracker.ts'
import type { SigningOptions } from './sign.ts'

const ADMIN = { authorization: 'Bearer operators-own-secret-0123456789' }
const CALL = { agentName: 'Somebody else', model: 'gpt-4o', inputTokens: 1_000, outputTokens: 500 }
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

describe('a tracker that signs', () => {
  let server: TestServer
  let keyId = ''
  beforeEach(async () => {
    server = await testServer({ auth: 'required', adminKey: 'operators-own-secret-0123456789' })
    const body = { name: 'k', organization_id: 'a', agent: 'Signer', public_key: publicKey.export({ format: 'pem', type: 'spki' }) }
    const made = await server.send('POST', '/v1/finops/keys/public', body, ADMIN)
    keyId = (made.body as { key: { id: string } }).key.id
  })
  afterEach(() => server.close())

  it.each([
    ['PEM', (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }) as string],
    ['JWK', (key: KeyObject) => key.export({ format: 'jwk' }) as SigningOptions['privateKey']],
    ['a key object', (key: KeyObject) => key],
  ])('with its private key as %s reports and asks in the name of its agent, without a secret', async (_, form) => {
    const errors: DeliveryError[] = []
    const sent: Record<string, string>[] = []
    const tracker = createTracker({
      url: server.url,
      signing: { keyId, privateKey: form(privateKey) },
      apiKey: 'finops_not-to-be-sent',
      retryBaseMs: 200,
      retryMaxMs: 400,
      onError: (error) => errors.push(error),
      fetch: (url, init) => {
        sent.push(init.headers)
        return fetch(url, init)
      },
    })
    const callId = tracker.trackAgentCall(CALL)
    tracker.startWorkflow({ workflowName: 'Report' })
    await tracker.flush()
    const answer = await tracker.guard({ ...CALL, maxOutputTokens: 500 }, () => ({ usage: { prompt_tokens: 1, completion_tokens: 1 } }))
    expect(answer).toBeDefined()
    expect(await tracker.close()).toMatchObject({ sent: 3, refused: 0, lost: 0 })
    expect(errors).toEqual([])
    const explained = await server.send('GET', `/v1/finops/calls/${callId}`, undefined, ADMIN)
    expect(explained.body).toMatchObject({ agent_name: 'Signer', key_id: keyId })
    expect(sent.some((headers) => 'authorization' in headers)).toBe(false)
    expect(new Set(sent.map((headers) => headers.signature)).size).toBe(sent.length)
  })

  it('signs each try anew, with the path prefix of its address', async () => {
    const urls: string[] = []
    const tracker = createTracker({
      url: `${server.url}/`,
      signing: { keyId, privateKey },
      retryBaseMs: 1,
      retryMaxMs: 2,
      fetch: async (url, init) => {
        urls.push(String(init.headers['signature-input']))
        if (urls.length === 1) throw new Error('the answer is lost')
        return fetch(url, init)
      },
    })
    tracker.trackAgentCall(CALL)
    expect(await tracker.close()).toMatchObject({ sent: 1, lost: 0 })
    expect(new Set(urls).size).toBe(urls.length)
    expect(urls.length).toBeGreaterThan(1)
  })

  it.each([
    ['a key of another kind', { keyId: 'k', privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    ['the public key', { keyId: 'k', privateKey: publicKey }],
    ['text that is no key', { keyId: 'k', privateKey: 'secret' }],
    ['nothing', { keyId: 'k', privateKey: undefined as unknown as string }],
    ['an id that no header can carry', { keyId: 'k"\n', privateKey }],
  ])('with %s says so and sends nothing', async (_, signing) => {
    const errors: DeliveryError[] = []
    let sent = 0
    const fetch = async (): Promise<never> => {
      sent += 1
      throw new Error('not to be asked')
    }
    const tracker = createTracker({ url: server.url, signing, fetch, onError: (error) => errors.push(error) })
    tracker.trackAgentCall(CALL)
    await tracker.close()
    expect(errors).toMatchObject([{ code: 'bad_configuration', detail: expect.stringContaining('signing.') }])
    expect(sent).toBe(0)
  })
})
