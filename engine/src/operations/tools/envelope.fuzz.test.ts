import { TOOLS } from '@purser/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await testServer({ now: () => Date.parse('2026-11-22T10:00:00Z') })
})
afterAll(() => server.close())

/** Everything that money rests on, as the ledger has it. */
async function books(): Promise<unknown> {
  const { ledger } = server.services
  return [await ledger.accounts(null), await ledger.counters(null), await ledger.holds(null)]
}

const amountLike = fc.oneof(
  fc.double().map(String),
  fc.double(),
  fc.bigInt().map(String),
  fc.constantFrom('NaN', 'Infinity', '-0', '1e400', '-1e-30', '', ' ', '0x1', '1e-13', '999999999999999999999999'),
)
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '*', 'default', '\ud800'),
)
const anyInput = fc.dictionary(
  fc.oneof(fc.constantFrom(...new Set(TOOLS.flatMap(({ input }) => Object.keys(input.properties as object)))), anyName),
  fc.oneof(amountLike, anyName, fc.jsonValue(), fc.constantFrom('2026-02-30', '2026-11-22', 'monthly')),
)
/** An input that is right but for some of its fields. */
const bentInput = fc.constantFrom(...TOOLS).chain(({ tool, example }) => anyInput.map((more) => ({ tool, input: { ...example, ...more } })))

describe('whatever is sent to the envelope', () => {
  it('any JSON is answered by a tool or refused by code, and moves no money', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({ tool: anyName, input: fc.jsonValue() })), async (body) => {
        const before = await books()
        const answer = await server.send('POST', '/v1', JSON.stringify(body), { 'content-type': 'application/json' })
        expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
        expect(answer.status, answer.text).toBeLessThan(500)
        expect(answer.body.code).toEqual(expect.any(String))
        expect(await books()).toEqual(before)
      }),
      { numRuns: 300 },
    )
  })

  it('a tool with bent fields answers, or refuses by code and path, never with a fault of ours; the books stay in balance', async () => {
    await fc.assert(
      fc.asyncProperty(bentInput, async (body) => {
        const answer = await server.send('POST', '/v1', JSON.stringify(body), { 'content-type': 'application/json' })
        expect(answer.status, `${JSON.stringify(body)} ${answer.text}`).toBeLessThan(500)
        if (answer.status >= 400) expect(answer.body).toMatchObject({ code: expect.any(String), detail: expect.any(String) })
      }),
      { numRuns: 500 },
    )
    for (const { debits, credits } of await server.services.ledger.accounts(null)) expect(debits >= 0n && credits >= 0n).toBe(true)
    expect((await server.send('POST', '/v1/finops/verify')).body).toMatchObject({ ok: true })
  })
})
