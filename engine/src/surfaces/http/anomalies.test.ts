import type { AnomaliesAnswer, AnomalyFound, LearnedBaselinesAnswer } from '@purser/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { callAt, trackAll, weeksOf } from '../../../../conformance/http/weeks-of-calls.ts'
import { parseDecimal, picosOfUsd, sumPicos, ZERO } from '../../kernel/index.ts'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-11-18T15:20:00Z')
const THIS_HOUR = Date.parse('2026-11-18T15:00:00Z')

let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  const calls = ['steady', 'talker', 'looping', 'swapped', 'was-loud'].flatMap((agent) => weeksOf(agent, THIS_HOUR - 3 * HOUR_MS))
  for (let hour = -3; hour < 0; hour++) {
    const at = THIS_HOUR + hour * HOUR_MS
    for (let call = 0; call < 2; call++) {
      const id = `${hour}-${call}`
      calls.push(callAt('steady', at, `steady-now${id}`), callAt('was-loud', at, `was-loud-now${id}`))
      calls.push(callAt('talker', at, `talker-now${id}`, 1, { output_tokens: 8_000 }))
      calls.push(callAt('swapped', at, `swapped-now${id}`, 1, { model: 'claude-opus-4-1', provider: 'anthropic' }))
      for (let attempt = 0; attempt < 10; attempt++) {
        const more = { success: attempt === 9, prompt_fingerprint: `h1:loop${id}xyz` }
        calls.push(callAt('looping', at + attempt * 1_000, `looping-now${id}-${attempt}`, 1, more))
      }
    }
  }
  // Two days ago an agent spent forty times as much for two hours.
  for (let call = 0; call < 80; call++) calls.push(callAt('was-loud', THIS_HOUR - 48 * HOUR_MS + call * 60_000, `loud-${call}`))
  // This one began yesterday, and nobody knows the price of that one.
  calls.push(...weeksOf('newcomer', THIS_HOUR, 24))
  calls.push(...weeksOf('unheard', THIS_HOUR).map((call) => ({ ...call, model: 'model-nobody-sells' })))
  await trackAll(server, calls)
}, 120_000)
afterAll(() => server.close())

async function ask<T>(path: string): Promise<T> {
  const answer = await server.send('GET', `/v1/finops/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body as T
}

function of(answer: AnomaliesAnswer, value: string): AnomalyFound {
  const found = answer.anomalies.find((anomaly) => anomaly.value === value)
  if (found === undefined) throw new Error(`nothing of ${value}: ${JSON.stringify(answer.anomalies.map((each) => each.value))}`)
  return found
}

describe('alerts of the daily reports', () => {
  it('name the agents that spend more than usual, from when it was noticed', async () => {
    const answer = await server.send('GET', '/api/finops/alerts?organization_id=acme')
    expect(answer.status, answer.text).toBe(200)
    const alerts = (answer.body.alerts as Record<string, unknown>[]).filter(({ alert_type }) => String(alert_type).startsWith('anomaly_'))
    expect(alerts.map(({ title }) => String(title).split(' ')[1]).sort()).toEqual(['looping', 'swapped', 'talker'])
    expect(alerts[0]).toMatchObject({
      created_at: expect.stringMatching(/^2026-11-18T1[2-5]:00/),
      message: expect.stringContaining('was expected'),
    })
    const again = await server.send('GET', '/api/finops/alerts?organization_id=acme')
    expect(again.body).toEqual(answer.body)
  })
})

describe('anomalies that go on now', () => {
  it('are those of the agents that do something else, and of no other', async () => {
    const answer = await ask<AnomaliesAnswer>('anomalies?organization_id=acme')
    expect(answer.anomalies.map(({ value }) => value).sort()).toEqual(['looping', 'swapped', 'talker'])
    expect(answer).toMatchObject({ group_by: 'agent', zone: 'UTC', period: null, total: 3, truncated: false })
    for (const each of answer.anomalies) {
      expect(each).toMatchObject({ direction: 'up', state: 'active', until: null, since: '2026-11-18T12:00:00.000Z', unpriced_calls: 0 })
      expect(each.excess_usd).toBeCloseTo((each.observed_usd ?? 0) - each.expected_usd, 5)
      expect(each.confidence).toMatchObject({ as_far: 0 })
    }
  })

  it('say the cause with parts that add up to the pico, and the calls behind it', async () => {
    const answer = await ask<AnomaliesAnswer>('anomalies')
    const causes = { talker: 'output_size', looping: 'retries', swapped: 'model_swap' }
    for (const [agent, likely] of Object.entries(causes)) {
      const { cause } = of(answer, agent)
      expect(cause).toMatchObject({ likely, confidence: 'clear', hours: 4 })
      const picos = (text: string) => picosOfUsd(text) ?? ZERO
      expect(sumPicos((cause?.parts ?? []).map(({ exact }) => picos(exact)))).toBe(picos(cause?.change_exact ?? ''))
      expect(parseDecimal(cause?.before_exact ?? '')).not.toBeNull()
      expect(cause?.call_ids.length).toBeGreaterThan(0)
      for (const id of cause?.call_ids ?? []) expect(id).toMatch(new RegExp(`^${agent}-now`))
    }
    expect(of(answer, 'looping').cause?.call_ids.some((id) => id.endsWith('-0'))).toBe(false)
  })

  it('observe exactly what the calls have cost', async () => {
    const { observed_exact, calls } = of(await ask<AnomaliesAnswer>('anomalies'), 'talker')
    expect({ observed_exact, calls }).toEqual({ observed_exact: '0.51', calls: 6 })
  })

  it('are not claimed of who has too little history, or no known price', async () => {
    const { insufficient_history } = await ask<AnomaliesAnswer>('anomalies?organization_id=acme')
    expect(insufficient_history).toEqual(
      expect.arrayContaining([
        { organization_id: 'acme', value: 'newcomer', history_hours: 25, needed_hours: 168, active_hours: 24, needed_active_hours: 20 },
        expect.objectContaining({ value: 'unheard', needed_hours: 168 }),
      ]),
    )
    expect(insufficient_history).toHaveLength(2)
  })
})

describe('anomalies of a period', () => {
  it('are also those that are over', async () => {
    const answer = await ask<AnomaliesAnswer>('anomalies?period=7d')
    expect(of(answer, 'was-loud')).toMatchObject({
      state: 'over',
      kind: 'spike',
      since: '2026-11-16T15:00:00.000Z',
      until: '2026-11-16T17:00:00.000Z',
    })
    expect(of(answer, 'was-loud').cause).toMatchObject({ likely: 'volume' })
    expect(answer.total).toBe(4)
  })

  it('know nothing of what came later', async () => {
    const answer = await ask<AnomaliesAnswer>('anomalies?from=2026-11-15&to=2026-11-17')
    expect(answer.anomalies.map(({ value }) => value)).toEqual(['was-loud'])
    expect(await ask('anomalies?from=2026-11-10&to=2026-11-14')).toMatchObject({ anomalies: [], total: 0 })
  })

  it('can be asked by another dimension, filtered, and cut', async () => {
    expect((await ask<AnomaliesAnswer>('anomalies?group_by=model')).anomalies.map(({ value }) => value)).toContain('gpt-4o')
    expect((await ask<AnomaliesAnswer>('anomalies?agent=steady,talker')).anomalies.map(({ value }) => value)).toEqual(['talker'])
    expect(await ask('anomalies?limit=1')).toMatchObject({ anomalies: [expect.anything()], total: 3 })
    expect(await ask('anomalies?direction=down')).toMatchObject({ anomalies: [] })
    expect(await ask('anomalies?organization_id=nobody')).toMatchObject({ anomalies: [], examined: 0, insufficient_history: [] })
  })
})

describe('a question that makes no sense', () => {
  it.each([
    ['anomalies?group_by=planet', 'unknown_dimension', '/group_by'],
    ['anomalies?period=365d', 'invalid_period', '/period'],
    ['anomalies?from=2024-01-01', 'invalid_period', '/from'],
    ['anomalies?period=all', 'invalid_period', '/period'],
    ['anomalies?to=2026-11-01', 'invalid_period', '/from'],
    ['anomalies?from=2026-12-01', 'invalid_period', '/from'],
    ['anomalies?from=2026-02-30', 'invalid_time', '/from'],
    ['anomalies?zone=Mars/Olympus', 'invalid_period', '/zone'],
    ['anomalies?severity_min=huge', 'invalid_field', '/severity_min'],
    ['anomalies?limit=0', 'invalid_field', '/limit'],
    ['baselines?period=7d', 'unknown_field', '/period'],
  ])('%s is refused as %s', async (path, code, pointer) => {
    const answer = await server.send('GET', `/v1/finops/${path}`)
    expect(answer.status, answer.text).toBe(400)
    expect(answer.body).toMatchObject({ code, path: pointer })
  })
})

describe('baselines', () => {
  it('are what an agent usually spends in an hour, and are not guessed', async () => {
    const answer = await ask<LearnedBaselinesAnswer>('baselines?organization_id=acme')
    const steady = answer.baselines.find(({ value }) => value === 'steady')
    // Two calls an hour of about a cent.
    expect(steady?.usd_per_hour).toBeGreaterThan(0.019)
    expect(steady?.usd_per_hour).toBeLessThan(0.023)
    expect(steady).toMatchObject({ basis: 'hour_of_week', weeks: 4, hour_of_week: 63 })
    expect(answer.insufficient_history.map(({ value }) => value).sort()).toEqual(['newcomer', 'unheard'])
  })
})
