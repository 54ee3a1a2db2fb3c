import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Asked, chatAnswer, fakeProvider } from '../../conformance/http/fake-provider.ts'
import { gatewayTo, send, testServer } from '../../conformance/http/test-server.ts'
import { startServer } from '../process/server-process.ts'
import { diceOf } from '../sim/dice.ts'
import { openSqlite } from '../src/adapters/sqlite/index.ts'
import { picosOfUsd } from '../src/kernel/index.ts'

const CALLERS = 200
const CAP_USD = '0.5'
const PATH = '/openai/v1/chat/completions'

/** What a provider may bill: every byte of the text as a token, and all of the output that the request allows. */
function dearestAnswer(asked: Asked, response: Parameters<ReturnType<typeof chatAnswer>>[1]): void {
  const {
    messages,
    max_tokens: stated,
    max_completion_tokens: limit,
  } = asked.body as { messages: { content: string }[]; max_tokens?: number; max_completion_tokens?: number }
  const prompt_tokens = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  chatAnswer({ prompt_tokens, completion_tokens: limit ?? stated ?? 16_384 })(asked, response)
}

describe('a cap on programs that know nothing of it', () => {
  it(`is not broken by ${CALLERS} callers at once, whatever the provider bills within what they asked for`, {
    timeout: 120_000,
  }, async () => {
    const provider = await fakeProvider(dearestAnswer)
    const server = await testServer({ gateway: gatewayTo({ PURSER_UPSTREAM_OPENAI: provider.url }) })
    try {
      await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', period: 'total', limit_usd: CAP_USD })
      const outcomes = await Promise.all(
        Array.from({ length: CALLERS }, async (_, at) => {
          const dice = diceOf(7, `caller ${at}`)
          const content = 'word '.repeat(dice.below(400))
          const limit = dice.perMille(500) ? { max_tokens: 1 + dice.below(3_000) } : {}
          const body = {
            model: dice.pick(['gpt-4o', 'gpt-4o-mini']),
            stream: dice.perMille(500),
            messages: [{ role: 'user', content }],
            ...limit,
          }
          return (await server.send('POST', PATH, body)).status
        }),
      )
      expect(new Set(outcomes)).toEqual(new Set([200, 402]))
      const { budgets } = (await server.send('GET', '/v1/finops/budgets')).body as {
        budgets: { standings: { spent_usd: string; held_usd: string }[] }[]
      }
      const standing = budgets[0]?.standings[0]
      expect(standing?.held_usd).toBe('0')
      const spent = picosOfUsd(standing?.spent_usd ?? '') ?? 0n
      const cap = picosOfUsd(CAP_USD) ?? 0n
      expect(spent).toBeLessThanOrEqual(cap)
      expect(spent).toBeGreaterThan((cap * 9n) / 10n)
      expect((await server.send('POST', '/v1/finops/verify', {})).body).toMatchObject({ ok: true })
    } finally {
      await server.close()
      await provider.close()
    }
  })

  it('keeps what it has acknowledged when it is killed, and holds what was under way until its deadline', {
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'purser-gateway-crash-'))
    const provider = await fakeProvider()
    try {
      const server = await startServer(folder, { PURSER_UPSTREAM_OPENAI: provider.url })
      await send(server.url, 'PUT', '/v1/finops/budgets', { dimension: 'organization', value: '*', period: 'total', limit_usd: '10' })
      const body = { model: 'gpt-4o', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }
      const done = await Promise.all(Array.from({ length: 20 }, () => send(server.url, 'POST', PATH, body)))
      const posted = done.map(({ headers }) => String(headers['x-purser-call-id']))
      const asked = provider.asked.length
      provider.answer(() => undefined)
      const cut = Array.from({ length: 5 }, () => send(server.url, 'POST', PATH, body).catch(() => null))
      await expect.poll(() => provider.asked.length).toBe(asked + 5)
      await server.kill()
      expect(await Promise.all(cut)).toEqual([null, null, null, null, null])

      const stores = openSqlite({ folder })
      try {
        for (const id of posted) expect(await stores.ledger.findCall('default', id)).not.toBeNull()
        const holds = await stores.ledger.holds(null)
        expect(holds).toHaveLength(5)
        for (const { at, deadline } of holds) expect(deadline - at).toBe(600_000)
      } finally {
        await stores.close()
      }
      const again = await startServer(folder, { PURSER_UPSTREAM_OPENAI: provider.url })
      expect((await send(again.url, 'POST', '/v1/finops/verify', {})).body).toMatchObject({ ok: true })
      await again.stop()
    } finally {
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
