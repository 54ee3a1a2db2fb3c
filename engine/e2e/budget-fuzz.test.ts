import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../conformance/http/test-server.ts'
import { ERRORS } from '../src/kernel/index.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

/** Eight times each, beside what is there once. */
function often<T>(...values: readonly T[]): T[] {
  return values.flatMap((value) => Array<T>(8).fill(value))
}

/** A few that come again and again, to be settled, lengthened and given up. */
const id = fc.nat(40).map((at) => `c${at}`)
/** One that was removed does not come back. */
const budget = fc.nat(40).map((at) => `b${at}`)
const freshId = fc.nat(1_000_000).map((at) => `fresh-${at}`)
const tokens = fc.oneof(
  { weight: 60, arbitrary: fc.nat(5_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 0.5, 1e12, 1e13, Number.MAX_SAFE_INTEGER, '5', null) },
)
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('0.01', '0.02', '1') },
  fc.constantFrom('0', '0.01', '1', '0.000000000001', '0.0000000000001', '-1', '1e3', '1e-12', '999999999999', '9'.repeat(40), 'NaN', ''),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const name = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('a', 'b', 'top', 'default', '*', '__proto__', 'constructor') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
)
const anything = fc.jsonValue({ maxDepth: 3 })

/** Bodies that are nearly right: each field as it should be, now and then anything at all, or left out. */
function nearly(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const loose = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      fc.oneof({ weight: 150, arbitrary: value }, { weight: 1, arbitrary: anything }),
    ]),
  )
  const record = fc.record(loose, { requiredKeys: [] })
  const wide = fc
    .tuple(record, fc.dictionary(fc.string({ maxLength: 8 }), anything, { maxKeys: 2 }))
    .map(([one, more]) => ({ ...more, ...one }))
  return fc.oneof(
    { weight: 40, arbitrary: fc.record(loose) },
    { weight: 4, arbitrary: record },
    { weight: 1, arbitrary: wide },
    { weight: 1, arbitrary: anything },
  )
}

const who = {
  agent_name: name,
  team: name,
  workflow_id: fc.constantFrom('top', 'below', null),
  tags: fc.dictionary(name, name, { maxKeys: 2 }),
}
const model = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('gpt-4o', 'gpt-5', 'claude-sonnet-4-5', 'gpt-4o-mini') },
  { weight: 1, arbitrary: fc.constant('model-nobody-sells') },
)
/** One whose budget is never reached, one whose budget nothing fits, and one whose budgets come and go. */
const ROOMY = 'roomy'
const TIGHT = 'tight'
const organization = fc.oneof(
  { weight: 6, arbitrary: fc.constant(ROOMY) },
  { weight: 5, arbitrary: fc.constant(TIGHT) },
  { weight: 1, arbitrary: fc.constant(null) },
)

const authorize = nearly({
  call_id: fc.oneof({ weight: 4, arbitrary: freshId }, { weight: 1, arbitrary: id }),
  ...{ organization_id: organization, model, input_tokens: tokens, max_output_tokens: tokens, clamp: fc.boolean(), ...who },
  ...{
    service_tier: fc.constantFrom(...Array(30).fill(null), 'priority', 'flex', 'batch', 'standard', 'gold'),
    region: fc.constantFrom('us', null, null, null, null, null),
    ttl_seconds: fc.constantFrom(...Array(60).fill(600), 1, 0, 1e9),
  },
}).map((body) => ({ method: 'POST', path: 'calls/authorize', body }))

/** What is done to a call of either organization. */
const toCall = (what: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .tuple(id, nearly({ organization_id: organization, ...fields }))
    .map(([call, body]) => ({ method: 'POST', path: `calls/${call}/${what}`, body }))

const requests = fc.oneof(
  { weight: 5, arbitrary: authorize },
  toCall('settle', { model, input_tokens: tokens, output_tokens: tokens, cost_usd: fc.oneof(amount, fc.constant(null)), ...who }),
  toCall('extend', { extension_id: freshId, ttl_seconds: fc.constantFrom(1, 600, -1), input_tokens: tokens, max_output_tokens: tokens }),
  toCall('void', { reason: fc.string({ maxLength: 300 }) }),
  nearly({
    budget_id: budget,
    dimension: fc.constantFrom(...often('organization', 'agent', 'team', 'run', 'model'), 'key', 'tag:a', 'tag:__proto__', 'planet'),
    value: name,
    period: fc.constantFrom(...often('hour', 'day', 'week', 'month', 'total', 'rolling:1h'), 'rolling:0s', 'rolling:99999999d', 'P1D', ''),
    zone: fc.constantFrom(...often('UTC', 'Europe/Berlin'), 'Mars/Olympus'),
    limit_usd: amount,
    mode: fc.constantFrom(...often('hard', 'soft', 'shadow'), 'firm'),
    thresholds: fc.array(fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) }, fc.constantFrom(-1, 0, 101)), {
      maxLength: 4,
    }),
    unpriced: fc.constantFrom('deny', 'worst_case', 'allow'),
  }).map((body) => ({ method: 'PUT', path: 'budgets', body })),
  budget.map((which) => ({ method: 'POST', path: `budgets/${which}/remove`, body: {} })),
)

function check({ path, body }: { readonly path: string; readonly body: unknown }, answer: Answer): void {
  const about = `${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`
  expect(answer.status, about).toBeLessThan(500)
  if (answer.status < 300) return
  const code = answer.body.code as keyof typeof ERRORS
  expect(ERRORS[code]?.status, about).toBe(answer.status)
  const pointer = answer.body.path
  expect(pointer === undefined || (typeof pointer === 'string' && /^(?:\/|$)/.test(pointer)), about).toBe(true)
}

describe('anything that is sent to authorize, settle, extend, void and budgets', () => {
  it('is answered or refused by a code of the registry, and the books stay what the journal makes them', { timeout: 180_000 }, async () => {
    await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'top', workflow_name: 'w' })
    await server.send('POST', '/v1/finops/workflows/start', { workflow_id: 'below', workflow_name: 'w', parent_workflow_id: 'top' })
    await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', period: 'total', limit_usd: '0.5' })
    for (const [organization_id, limit_usd] of [
      [ROOMY, '999999999999'],
      [TIGHT, '0.000001'],
    ]) {
      await server.send('PUT', '/v1/finops/budgets', { organization_id, dimension: 'organization', period: 'total', limit_usd })
    }
    const seen = new Map<string, number>()
    /** What became of the drawn authorizes. */
    const shares = { granted: 0, refused: 0, invalid: 0, all: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 10, maxLength: 20 }), async (asked) => {
        const well = wellMeant(seen)
        const answers = await Promise.all(
          asked.map((request) => server.send(request.method, `/v1/finops/${request.path}`, JSON.stringify(request.body), JSON_BODY)),
        )
        for (const [at, answer] of answers.entries()) {
          const request = asked[at]
          if (request === undefined) continue
          check(request, answer)
          const what = `${request.path.split('/')[0]}/${request.path.split('/').at(-1)} ${answer.status}`
          seen.set(what, (seen.get(what) ?? 0) + 1)
          if (request.path === 'calls/authorize') share(shares, answer.status)
        }
        await well
        const verified = await server.send('POST', '/v1/finops/verify', {})
        expect(verified.body, verified.text).toMatchObject({ ok: true })
      }),
      { numRuns: 60, seed: 7, endOnFailure: true },
    )
    // A run in which nothing was granted would prove nothing.
    for (const what of [
      'calls/authorize 200',
      'calls/authorize 402',
      'calls/authorize 400',
      'calls/settle 200',
      'calls/extend 200',
      'calls/void 200',
      'budgets/budgets 200',
      'budgets/budgets 400',
    ]) {
      expect([what, seen.get(what) ?? 0], JSON.stringify([...seen])).not.toEqual([what, 0])
    }
    // Of the drawn calls a third passes, budgets refuse a third, and the rest is wrong in some way.
    for (const outcome of ['granted', 'refused'] as const)
      expect([outcome, shares[outcome] / shares.all > 1 / 3], JSON.stringify(shares)).toEqual([outcome, true])
    expect(shares.invalid / shares.all, JSON.stringify(shares)).toBeGreaterThan(0.1)
    expect(await moneyFromNothing()).toEqual([])
  })
})

function share(shares: { granted: number; refused: number; invalid: number; all: number }, status: number): void {
  shares.all += 1
  if (status === 200) shares.granted += 1
  if (status === 402) shares.refused += 1
  if (status === 400) shares.invalid += 1
}

const JSON_BODY = { 'content-type': 'application/json' }

/** Amounts of the journal that are below zero, and calls that are there twice. */
async function moneyFromNothing(): Promise<string[]> {
  const { ledger } = server.services
  const calls = new Set<string>()
  const wrong: string[] = []
  for (let after = 0; ; ) {
    const entries = await ledger.read(after, 1_000)
    if (entries.length === 0) return wrong
    for (const { seq, organization: of, event, transfers } of entries) {
      if (transfers.some(({ amount: moved }) => moved < 0n)) wrong.push(`entry ${seq} moves less than nothing`)
      if (event.kind === 'hold' && event.hold.held.some(({ amount: held }) => held < 0n)) wrong.push(`entry ${seq} holds less than nothing`)
      if (event.kind === 'call' && calls.size === calls.add(JSON.stringify([of, event.call.id])).size)
        wrong.push(`entry ${seq} posts ${event.call.id} again`)
    }
    after = entries.at(-1)?.seq ?? after
  }
}

/** Somebody who means well works beside it: asks, lengthens, settles or gives up. */
async function wellMeant(seen: Map<string, number>): Promise<void> {
  const call = `good-${seen.size}-${[...seen.values()].reduce((sum, times) => sum + times, 0)}`
  const tokens = { input_tokens: 100, max_output_tokens: 10 }
  const said = async (path: string, what: string, body: object): Promise<void> => {
    const answer = await server.send('POST', `/v1/finops/${path}`, body)
    check({ path, body }, answer)
    seen.set(`calls/${what} ${answer.status}`, (seen.get(`calls/${what} ${answer.status}`) ?? 0) + 1)
  }
  await said('calls/authorize', 'authorize', { call_id: call, model: 'gpt-4o-mini', ...tokens })
  await said(`calls/${call}/extend`, 'extend', { max_output_tokens: 20 })
  if (seen.size % 2 === 0) await said(`calls/${call}/void`, 'void', {})
  else await said(`calls/${call}/settle`, 'settle', { model: 'gpt-4o-mini', input_tokens: 100, output_tokens: 5 })
}
