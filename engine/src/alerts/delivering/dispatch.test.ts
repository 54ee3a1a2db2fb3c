import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite, type SqliteStores } from '../../adapters/sqlite/index.ts'
import type { Message, Sent } from '../ports.ts'
import { SAMPLE_NOW, sampleAlert, sampleAudit, sampleWebhook } from '../sample.ts'
import { deliveryOf } from '../telling/routing.ts'
import { CLAIM_MS, type Dispatcher, dispatcher } from './dispatch.ts'

let folder = ''
let stores: SqliteStores
let now = SAMPLE_NOW
beforeEach(() => {
  now = SAMPLE_NOW
  folder = mkdtempSync(join(tmpdir(), 'purser-dispatch-'))
  stores = openSqlite({ folder })
})
afterEach(async () => {
  await stores.close()
  rmSync(folder, { recursive: true })
})

const TAKEN: Sent = { code: 200, error: null, retryAfterMs: null }

/** A dispatcher whose messages go to `send`, named by the path of their address. */
function begin(send: (name: string) => Promise<Sent>): Dispatcher {
  const name = (message: Message): string => (message.kind === 'post' ? new URL(message.url).pathname.slice(1) : message.to)
  return dispatcher({
    store: stores.alerts,
    outgoing: { send: (message) => send(name(message)), obstacle: () => null },
    now: () => now,
    randomBytes: (count) => new Uint8Array(count),
  })
}

/** So many alerts wait for a webhook. */
async function waiting(id: string, count: number): Promise<void> {
  const webhook = sampleWebhook({ id, url: `https://example.com/${id}` })
  await stores.alerts.addWebhook({ webhook, audit: sampleAudit(id) })
  const alerts = Array.from({ length: count }, (_, index) => sampleAlert({ id: `${id}-${index}` }))
  await stores.alerts.tell({ alerts, deliveries: alerts.map((alert) => deliveryOf(alert, webhook, now)) })
}

describe('a dispatcher', () => {
  it('delivers all that is due, each once, few at a time to one receiver', async () => {
    await waiting('a', 30)
    await waiting('b', 5)
    const sent: string[] = []
    const underWay = new Map<string, number>()
    let most = 0
    const deliveries = begin(async (name) => {
      const busy = (underWay.get(name) ?? 0) + 1
      underWay.set(name, busy)
      most = Math.max(most, busy)
      await new Promise((resolve) => setImmediate(resolve))
      underWay.set(name, busy - 1)
      sent.push(name)
      return TAKEN
    })
    deliveries.start()
    await deliveries.idle()
    await deliveries.stop()
    expect(sent.filter((name) => name === 'a')).toHaveLength(30)
    expect(sent.filter((name) => name === 'b')).toHaveLength(5)
    expect(most).toBeLessThanOrEqual(4)
    expect(await stores.alerts.nextDue()).toBeNull()
  })

  it('is not held up by a receiver that does not answer', async () => {
    await waiting('slow', 20)
    await waiting('quick', 20)
    const release: (() => void)[] = []
    let quick = 0
    const allQuick = new Promise<void>((resolve) => {
      release.push(resolve)
    })
    const slow: (() => void)[] = []
    const deliveries = begin((name) => {
      if (name === 'slow') return new Promise((resolve) => slow.push(() => resolve(TAKEN)))
      quick++
      if (quick === 20) release[0]?.()
      return Promise.resolve(TAKEN)
    })
    deliveries.start()
    await allQuick
    expect(slow).toHaveLength(4)
    for (let done = 0; done < 20; done++) {
      while (slow.length === 0) await new Promise((resolve) => setImmediate(resolve))
      slow.shift()?.()
    }
    await deliveries.idle()
    await deliveries.stop()
    expect(await stores.alerts.attempts({ organization: 'org', webhook: 'slow' }, 100)).toHaveLength(20)
  })

  it('leaves what it was stopped in the middle of to the next one, after the claim', async () => {
    await waiting('a', 1)
    let began = (): void => undefined
    const begun = new Promise<void>((resolve) => {
      began = resolve
    })
    const first = begin(() => {
      began()
      return new Promise(() => undefined)
    })
    first.start()
    await begun
    await first.stop()
    const sent: string[] = []
    const second = begin(async (name) => {
      sent.push(name)
      return TAKEN
    })
    second.start()
    await second.idle()
    expect(sent).toEqual([])
    now += CLAIM_MS
    second.wake()
    await second.idle()
    await second.stop()
    expect(sent).toEqual(['a'])
  })

  it('goes through the whole schedule, gives up, and disables after the third in a row', async () => {
    await waiting('a', 3)
    await stores.alerts.addWebhook({
      webhook: sampleWebhook({ id: 'other', url: 'https://example.com/other' }),
      audit: sampleAudit('other'),
    })
    const sent: string[] = []
    const deliveries = begin(async (name) => {
      sent.push(name)
      return name === 'other' ? TAKEN : { code: 500, error: 'answered 500', retryAfterMs: null }
    })
    deliveries.start()
    for (let due: number | null = now; due !== null; due = await stores.alerts.nextDue()) {
      now = Math.max(due, now)
      deliveries.wake()
      await deliveries.idle()
    }
    await deliveries.stop()
    expect(sent.filter((name) => name === 'a')).toHaveLength(30)
    expect(sent.filter((name) => name === 'other')).toHaveLength(1)
    expect(await stores.alerts.webhook('org', 'a')).toMatchObject({ disabled: { reason: '3 deliveries in a row were given up' } })
    expect((await stores.alerts.alerts('org', 9, null)).map(({ type }) => type)).toContain('webhook.disabled')
  })
})
