import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chatAnswer, type FakeProvider, fakeProvider } from '../../../../conformance/http/fake-provider.ts'
import { gatewayTo, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const RULE = { dimension: 'organization', value: '*', period: 'day', name: 'all of us' }
const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }

describe('the gateway', () => {
  let provider: FakeProvider
  let server: TestServer

  beforeAll(async () => {
    provider = await fakeProvider()
  })
  afterAll(() => provider.close())

  beforeEach(async () => {
    provider.answer(chatAnswer())
    server = await testServer({ gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url, OPENAI_API_KEY: 'sk-of-the-server' }) })
    return () => server.close()
  })

  const lastAsked = () => provider.asked.at(-1)
  const limit = (limit_usd: string) => server.send('PUT', '/v1/finops/budgets', { ...RULE, limit_usd })
  const standing = async () => {
    const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as { budgets: { standings: unknown[] }[] }
    return budgets[0]?.standings[0]
  }

  it('passes a call on, and says what it cost', async () => {
    await limit('100')
    const { status, headers, body } = await server.send('POST', '/openai/v1/chat/completions', CHAT, { authorization: 'Bearer mine' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ object: 'chat.completion', usage: { total_tokens: 12 } })
    expect(headers).toMatchObject({ 'x-purser-cost-usd': '0.000045', 'content-type': 'application/json' })
    expect(lastAsked()).toMatchObject({
      path: '/v1/chat/completions',
      text: JSON.stringify(CHAT),
      headers: { authorization: 'Bearer sk-of-the-server' },
    })
    expect(await standing()).toMatchObject({ spent_usd: '0.000045', held_usd: '0' })
  })

  it('asks a stream for its usage and hides it again', async () => {
    await limit('100')
    const { text } = await server.send('POST', '/openai/v1/chat/completions', { ...CHAT, stream: true })
    expect(lastAsked()?.body).toEqual({ ...CHAT, stream: true, stream_options: { include_usage: true } })
    expect(text).not.toContain('usage')
    expect(text.match(/^data: /gm)).toHaveLength(4)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    const asked = await server.send('POST', '/openai/v1/chat/completions', {
      ...CHAT,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(asked.text).toContain('"usage":{"prompt_tokens":10')
    expect(await standing()).toMatchObject({ spent_usd: '0.00009', held_usd: '0' })
  })

  it('refuses what a hard budget cannot pay, in the words of the provider', async () => {
    await limit('0.001')
    const refused = await server.send('POST', '/openai/v1/chat/completions', { ...CHAT, max_tokens: 4_000 })
    expect(refused).toMatchObject({
      status: 402,
      headers: { 'x-should-retry': 'false' },
      body: { error: { type: 'insufficient_quota', code: 'insufficient_quota', param: null } },
    })
    expect(JSON.stringify(refused.body)).toContain("Budget 'all of us' exhausted (will reset at ")
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    // One that states no limit is given the longest answer that fits.
    const fits = await server.send('POST', '/openai/v1/chat/completions', { ...CHAT, model: 'gpt-4o-mini' })
    const granted = Number(fits.headers['x-purser-max-output-tokens'])
    expect(granted).toBeGreaterThan(255)
    expect(lastAsked()?.body).toEqual({ ...CHAT, model: 'gpt-4o-mini', max_completion_tokens: granted })
    expect(await standing()).toMatchObject({ held_usd: '0', spent_usd: '0.0000027' })
  })
})
