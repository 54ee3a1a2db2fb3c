import fc from 'fast-check'
import { Webhook as Verifier } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import cases from '../../../../conformance/alerts/settling.json' with { type: 'json' }
import { SAMPLE_NOW, sampleAlert, sampleWebhook } from '../sample.ts'
import { deliveryOf } from '../telling/routing.ts'
import { messageOf } from './message.ts'
import { ATTEMPTS_MAX, retryDelayMs } from './schedule.ts'
import { newWebhookSecret, rotated } from './secret.ts'
import { settled } from './settle.ts'

const DAY_MS = 86_400_000

interface Row {
  readonly name: string
  readonly code: number | null
  readonly made?: number
  readonly failedDays?: number
  readonly givenUp?: number
  readonly retryAfterMs?: number
  readonly ping?: boolean
  readonly was?: 'delivered'
  readonly alreadyDisabled?: boolean
  readonly state: string
  readonly status: string
  readonly retryMs: number | null
  readonly disabled: boolean
  readonly failing?: boolean
}

describe('after an attempt', () => {
  it.each(cases as readonly Row[])('$name', (row) => {
    const { code, made = 0, failedDays, givenUp = 0, retryAfterMs = null } = row
    const webhook = sampleWebhook({
      id: 'w',
      givenUp,
      failingSince: failedDays === undefined ? null : SAMPLE_NOW - failedDays * DAY_MS,
      disabled: row.alreadyDisabled === true ? { at: 1, reason: 'x' } : null,
    })
    const other = sampleWebhook({ id: 'other' })
    const alert = sampleAlert({ id: 'a', type: row.ping === true ? 'ping' : 'budget.threshold' })
    const before = { ...deliveryOf(alert, webhook, SAMPLE_NOW), attempts: made, round: made, state: row.was ?? ('waiting' as const) }
    const taken = code !== null && code >= 200 && code < 300
    const sent = { code, error: taken ? null : 'failed', retryAfterMs }
    const after = settled(before, webhook, [webhook, other], { alert, sent, at: SAMPLE_NOW, durationMs: 1, random: 0 })
    const now = after.webhook ?? webhook
    expect({
      state: after.delivery.state,
      status: after.attempt.status,
      retryMs: after.delivery.dueAt === null ? null : after.delivery.dueAt - SAMPLE_NOW,
      disabled: now.disabled !== null,
    }).toEqual({ state: row.state, status: row.status, retryMs: row.retryMs, disabled: row.disabled })
    if (row.failing !== undefined) expect(now.failingSince !== null).toBe(row.failing)
    expect(after.attempt).toMatchObject({ number: made + 1, nextAt: after.delivery.dueAt, code })
    const disabledNow = now.disabled !== null && webhook.disabled === null
    expect(after.deliveries.map((one) => one.webhook)).toEqual(disabledNow ? ['other'] : [])
    expect(after.alerts.map(({ type }) => type)).toEqual(disabledNow ? ['webhook.disabled'] : [])
  })
})

describe('the schedule', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('is never early, at most a tenth late, and grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: ATTEMPTS_MAX - 1 }), random, random, (failed, one, another) => {
        const least = retryDelayMs(failed, 0, null) ?? 0
        const delay = retryDelayMs(failed, one, null) ?? 0
        expect(delay).toBeGreaterThanOrEqual(least)
        expect(delay).toBeLessThanOrEqual(least * 1.1)
        const next = retryDelayMs(failed + 1, another, null)
        if (next !== null) expect(next).toBeGreaterThan(delay)
      }),
    )
  })

  it('is that of Standard Webhooks', () => {
    const seconds = Array.from({ length: ATTEMPTS_MAX }, (_, index) => retryDelayMs(index + 1, 0, null)).map((ms) =>
      ms === null ? null : ms / 1000,
    )
    expect(seconds).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null])
  })
})

describe('a message', () => {
  const bytes = (fill: number) => () => new Uint8Array(32).fill(fill)
  const webhook = sampleWebhook({ id: 'w', secret: newWebhookSecret(bytes(1)) })
  const alert = sampleAlert({ id: 'alert_1' })

  it('is signed with every secret that holds, and has the same id and body each time', () => {
    const now = Date.now()
    const changed = rotated(webhook, newWebhookSecret(bytes(2)), now)
    const message = messageOf(alert, changed, now)
    const again = messageOf(alert, changed, now + DAY_MS)
    if (message.kind !== 'post' || again.kind !== 'post') throw new Error('a webhook is posted to')
    const headers = { ...message.headers }
    for (const secret of [webhook.secret, changed.secret]) expect(new Verifier(secret).verify(message.body, headers)).toBeTypeOf('object')
    expect(() => new Verifier(newWebhookSecret(bytes(3))).verify(message.body, headers)).toThrow()
    expect(() => new Verifier(changed.secret).verify(message.body.replace('2.5', '9.5'), headers)).toThrow()
    expect([again.body, again.headers['webhook-id']]).toEqual([message.body, 'alert_1'])
    expect(again.headers['webhook-signature']?.split(' ')).toHaveLength(1)
  })

  it('stays under the 20 kB of the standard with the longest names', () => {
    const long = 'ü'.repeat(256)
    const names = ['agent_id', 'value', 'budget_name', 'budget_id', 'call_id', 'call_agent_id', 'organization_id', 'dimension']
    const facts = Object.fromEntries(names.map((name) => [name, long]))
    const message = messageOf({ ...alert, title: long.repeat(2), text: long, facts }, webhook, SAMPLE_NOW)
    expect(message.kind === 'post' && Buffer.byteLength(message.body)).toBeLessThan(20_000)
  })

  it('of mail says everything in plain words, to one address', () => {
    const message = messageOf(alert, { ...webhook, channel: 'email', url: 'mailto:ops@example.com' }, SAMPLE_NOW)
    expect(message).toMatchObject({ kind: 'mail', to: 'ops@example.com', id: 'alert_1', subject: alert.title })
    expect(message.kind === 'mail' && message.text).toContain('remaining_usd: 2.5')
  })
})
