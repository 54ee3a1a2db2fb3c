import { afterAll, beforeAll, expect, it } from 'vitest'
import { NOW, purser } from '../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { callAt, trackAll, weeksOf } from '../../../../../conformance/http/weeks-of-calls.ts'
import { createInvoke, type Invoke } from '../../../operations/index.ts'

const HOUR_MS = 3_600_000
let server: TestServer
let invoke: Invoke
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  invoke = createInvoke(server.services)
  const thisHour = Math.floor(NOW / HOUR_MS) * HOUR_MS
  await trackAll(server, weeksOf('talker', thisHour - HOUR_MS, 336))
  await trackAll(
    server,
    [0, 1].map((call) => callAt('talker', thisHour - HOUR_MS, `long-${call}`, 1, { output_tokens: 20_000 })),
  )
  await trackAll(server, weeksOf('newcomer', thisHour, 24))
}, 60_000)
afterAll(() => server.close())

it('names who spends more than usual, by how much, and why, within 80 columns', async () => {
  const { code, out, err } = await purser(['anomalies'], invoke, 80)
  expect(code).toBe(0)
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(out).toMatch(/talker +\w+ spike +\S+ \d\d:00 +\$0\.41 +\$0\.02 +output size/)
  expect(err).toContain('Not enough history of newcomer')
  expect((await purser(['anomalies', '--org', 'nobody'], invoke, 80)).err).toContain('No anomalies among 0.')
  expect(JSON.parse((await purser(['anomalies', '--json', '--period', '7d'], invoke, 80)).out)).toMatchObject({ total: 1 })
})

it('shows what was learned', async () => {
  expect((await purser(['anomalies', 'baselines'], invoke, 80)).out).toMatch(/talker +\$0\.02 +\$0\.02 +\$0\.02 +hour of week, 2 weeks/)
  expect((await purser(['anomalies', 'baselines', '--org', 'nobody'], invoke, 80)).err).toContain('Nothing is learned yet')
})

it('sets rules, shows them, and takes them away', async () => {
  expect((await purser(['anomalies', 'rules'], invoke, 80)).err).toContain('No rules')
  const set = await purser(['anomalies', 'rule', 'pause', '--agent', 'talker', '--excess', '5', '--org', 'acme'], invoke, 80)
  expect(set.out).toContain('Agent talker: pause, from severity medium and $5 too much on.')
  expect((await purser(['anomalies', 'rules', '--org', 'acme'], invoke, 80)).out).toContain('Agent talker: pause')
  expect((await purser(['anomalies', 'rule', 'off', '--agent', 'talker', '--org', 'acme'], invoke, 80)).out).toContain(
    'The rule is removed',
  )
  expect((await purser(['anomalies', 'rule', 'off', '--org', 'acme'], invoke, 80)).code).not.toBe(0)
  expect((await purser(['anomalies', 'rule', 'alert', '--excess', 'much'], invoke, 80)).code).not.toBe(0)
})
