import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../conformance/http/test-server.ts'
import { type Dice, diceOf } from '../sim/dice.ts'
import { picosOfUsd } from '../src/kernel/index.ts'
import type { HeldIn, JournalEntry } from '../src/ledger/index.ts'

const CALLERS = 500
const CAP_PICOS = 10_000_000_000_000n

let server: TestServer
beforeEach(async () => {
  server = await testServer()
})
afterEach(() => server.close())

it('500 callers on one $10 budget never break it by a pico at any moment, and use it up', { timeout: 120_000 }, async () => {
  await server.send('PUT', '/v1/finops/budgets', { dimension: 'organization', period: 'total', limit_usd: '10' })
  let running = true
  const samples: bigint[] = []
  const sampling = (async () => {
    while (running) samples.push(await standingNow())
  })()
  const seen = new Set<string>()
  await Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name, diceOf(11, `caller ${name}`), seen)))
  running = false
  await sampling
  expect(samples.length).toBeGreaterThan(10)
  for (const sample of samples) expect(sample).toBeLessThanOrEqual(CAP_PICOS)
  expect(seen).toEqual(new Set(['authorize 200', 'authorize 402', 'settle 200', 'void 200', 'extend 200', 'extend 402']))
  const moments = await momentsOfJournal()
  expect(moments.filter((stands) => stands > CAP_PICOS)).toEqual([])
  expect(moments.at(-1)).toBe(await standingNow())
  expect(moments.at(-1)).toBeGreaterThanOrEqual((CAP_PICOS * 95n) / 100n)
  const verified = await server.send('POST', '/v1/finops/verify', {})
  expect(verified.body, verified.text).toMatchObject({ ok: true })
})

/** Asks for calls of random worst case, and makes, lengthens or gives them up, until a small one is refused. */
async function caller(name: number, dice: Dice, seen: Set<string>): Promise<void> {
  for (let at = 0, refused = 0; refused < 2; at++) {
    const call_id = `${name}-${at}`
    // The worst case lies between a few cents and half a dollar; once refused, a caller asks for less.
    const max_output_tokens = 1_000 + dice.below(refused === 0 ? 49_000 : 4_000)
    const ask = { call_id, agent_name: `agent-${name % 7}`, model: 'gpt-4o', input_tokens: dice.below(1_000), max_output_tokens }
    const said = async (what: string, body: object): Promise<number> => {
      const { status, text } = await server.send('POST', `/v1/finops/calls/${what === 'authorize' ? what : `${call_id}/${what}`}`, body)
      if (status !== 200 && status !== 402) throw new Error(text)
      seen.add(`${what} ${status}`)
      return status
    }
    if ((await said('authorize', ask)) !== 200) {
      refused += 1
      continue
    }
    const longest = dice.perMille(200) ? max_output_tokens * 2 : max_output_tokens
    const extended = longest > max_output_tokens && (await said('extend', { max_output_tokens: longest })) === 200
    if (dice.perMille(150)) await said('void', {})
    else
      await said('settle', {
        model: 'gpt-4o',
        input_tokens: ask.input_tokens,
        output_tokens: dice.below((extended ? longest : max_output_tokens) + 1),
      })
  }
}

async function standingNow(): Promise<bigint> {
  const { body } = await server.send('GET', '/v1/finops/budgets')
  const [budget] = body.budgets as { standings: { spent_usd: string; held_usd: string }[] }[]
  const [standing] = budget?.standings ?? []
  return standing === undefined ? 0n : picosOf(standing.spent_usd) + picosOf(standing.held_usd)
}

function picosOf(usd: string): bigint {
  return picosOfUsd(usd) ?? -1n
}

/** What was spent and held after each entry, added up from the journal alone. */
async function momentsOfJournal(): Promise<bigint[]> {
  const { ledger } = server.services
  const held = new Map<string, bigint>()
  const moments: bigint[] = []
  let spent = 0n
  for (let after = 0; ; ) {
    const entries: JournalEntry[] = await ledger.read(after, 1_000)
    if (entries.length === 0) return moments
    for (const { event } of entries) {
      if (event.kind === 'hold') held.set(event.hold.id, sumOf(event.hold.held))
      if (event.kind === 'hold_extend') held.set(event.extension.call, sumOf(event.extension.held))
      if (event.kind === 'hold_void') held.delete(event.release.id)
      if (event.kind === 'call') {
        held.delete(event.call.id)
        spent += event.call.charge.amount ?? 0n
      }
      moments.push([...held.values()].reduce((sum, amount) => sum + amount, spent))
    }
    after = entries.at(-1)?.seq ?? after
  }
}

function sumOf(held: readonly HeldIn[]): bigint {
  return held.reduce((sum, { amount }) => sum + amount, 0n)
}
