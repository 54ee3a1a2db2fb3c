import { describe, expect, it } from 'vitest'
import type { AuditStore } from '../ledger/index.ts'
import { settled } from './delivering/settle.ts'
import type { AlertStore, Sent } from './ports.ts'
import type { Webhook } from './records.ts'
import { SAMPLE_NOW, sampleAlert, sampleAudit, sampleWebhook } from './sample.ts'
import { deliveryOf } from './telling/routing.ts'

/** A place of its own, with the audit trail that changes of webhooks are written to. */
export interface AlertPlace {
  readonly store: AlertStore
  readonly audit: Pick<AuditStore, 'auditTrail'>
  close(): Promise<void>
}

const DELIVERED: Sent = { code: 200, error: null, retryAfterMs: null }
const REFUSED: Sent = { code: 500, error: 'answered 500', retryAfterMs: null }
const GONE: Sent = { code: 410, error: 'answered 410', retryAfterMs: null }

/** What every store of alerts must do; run for each of them. */
export function alertStoreSuite(name: string, newPlace: () => Promise<AlertPlace>): void {
  const withStore: WithStore = async (test) => {
    const place = await newPlace()
    try {
      await test(place.store, place)
    } finally {
      await place.close()
    }
  }
  describe(`alert store: ${name}`, () => {
    followingTests(withStore)
    webhookTests(withStore)
    deliveryTests(withStore)
    settlingTests(withStore)
  })
}

type WithStore = (test: (store: AlertStore, place: AlertPlace) => Promise<void>) => Promise<void>

async function register(store: AlertStore, webhook: Partial<Webhook> & { readonly id: string }): Promise<Webhook> {
  const added = sampleWebhook(webhook)
  await store.addWebhook({ webhook: added, audit: sampleAudit(added.id) })
  return added
}

async function tell(store: AlertStore, webhook: Webhook, id: string, dueAt = SAMPLE_NOW) {
  const { organization } = webhook
  const alert = sampleAlert({ id, organization })
  const delivery = deliveryOf(alert, webhook, dueAt)
  await store.tell({ alerts: [alert], deliveries: [delivery] })
  return { organization, id: delivery.id }
}

async function attempt(store: AlertStore, delivery: { organization: string; id: string }, alertId: string, sent: Sent, at = SAMPLE_NOW) {
  return store.settle(delivery, (kept, webhook, all) =>
    settled(kept, webhook, all, {
      alert: sampleAlert({ id: alertId, organization: delivery.organization }),
      sent,
      at,
      durationMs: 3,
      random: 0,
    }),
  )
}

function followingTests(withStore: WithStore): void {
  it('moves its watermark with what is told, and from one place only once', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      await register(store, { id: 'w2', organization: 'other' })
      const alert = sampleAlert({ id: 'a1' })
      const seen: string[] = []
      const step = { from: 0, through: 7, organizations: ['org'] }
      const told = (webhooks: readonly Webhook[]) => {
        seen.push(...webhooks.map(({ id }) => id))
        return { alerts: [alert], deliveries: [deliveryOf(alert, webhook, SAMPLE_NOW)] }
      }
      expect(await store.watermark()).toBe(0)
      expect(await store.follow(step, told)).toBe(true)
      expect(await store.follow(step, told)).toBe(false)
      expect(seen).toEqual(['w1'])
      expect(await store.watermark()).toBe(7)
      expect(await store.alerts(null, 10, null)).toEqual([alert])
      expect(await store.backlog()).toMatchObject({ waiting: 1, oldestAt: SAMPLE_NOW })
    }))

  it('leaves nothing behind when what is told cannot be made', () =>
    withStore(async (store) => {
      const failing = store.follow({ from: 0, through: 3, organizations: [] }, () => {
        throw new Error('planted')
      })
      await expect(failing).rejects.toThrow('planted')
      expect(await store.watermark()).toBe(0)
    }))

  it('lists alerts newest first, page by page, by organization, without pings', () =>
    withStore(async (store) => {
      const alerts = [3, 1, 2].map((n) => sampleAlert({ id: `a${n}`, at: SAMPLE_NOW + n }))
      const foreign = sampleAlert({ id: 'b1', organization: 'other', at: SAMPLE_NOW + 9 })
      await store.tell({ alerts: [...alerts, foreign, sampleAlert({ id: 'p', type: 'ping', at: SAMPLE_NOW + 5 })], deliveries: [] })
      await store.tell({ alerts, deliveries: [] })
      const ids = async (...asked: Parameters<AlertStore['alerts']>) => (await store.alerts(...asked)).map(({ id }) => id)
      expect(await ids('org', 10, null)).toEqual(['a3', 'a2', 'a1'])
      expect(await ids('org', 1, 'a3')).toEqual(['a2'])
      expect(await ids('org', 10, 'b1')).toEqual([])
      expect(await ids(null, 10, null)).toEqual(['b1', 'a3', 'a2', 'a1'])
    }))
}

function webhookTests(withStore: WithStore): void {
  it('keeps webhooks by organization, each change with its entry in the audit', () =>
    withStore(async (store, { audit }) => {
      const first = await register(store, { id: 'w1' })
      await register(store, { id: 'w2', organization: 'other', createdAt: SAMPLE_NOW + 1 })
      expect((await store.webhooks(null)).map(({ id }) => id)).toEqual(['w1', 'w2'])
      expect(await store.webhooks('org')).toEqual([first])
      expect(await store.webhook('org', 'w2')).toBeNull()
      expect(await store.webhook(null, 'w2')).toMatchObject({ organization: 'other' })
      const changed = { ...first, url: 'https://example.com/other' }
      expect(await store.changeWebhook('org', 'w1', () => ({ webhook: changed, audit: sampleAudit('w1') }))).toEqual(changed)
      expect(await store.changeWebhook('org', 'w1', () => null)).toEqual(changed)
      expect(await store.changeWebhook('org', 'w2', () => null)).toBeNull()
      expect(await store.removeWebhook('org', 'w2', sampleAudit('w2'))).toBe(false)
      expect(await store.removeWebhook('org', 'w1', sampleAudit('w1'))).toBe(true)
      expect(await store.webhook('org', 'w1')).toBeNull()
      expect(await audit.auditTrail(null, 0, 100)).toHaveLength(4)
    }))

  it('takes a webhook away with what was on its way to it', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      const delivery = await tell(store, webhook, 'a1')
      await attempt(store, delivery, 'a1', REFUSED)
      await store.removeWebhook('org', 'w1', sampleAudit('w1'))
      expect(await store.nextDue()).toBeNull()
      expect(await store.attempts({ organization: 'org', webhook: 'w1' }, 10)).toEqual([])
      expect(await attempt(store, delivery, 'a1', DELIVERED)).toBeNull()
    }))
}

function deliveryTests(withStore: WithStore): void {
  it('gives what is due to one who asks, and to nobody else until the claim lapses', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      const later = await register(store, { id: 'w2' })
      for (const id of ['a1', 'a2', 'a3']) await tell(store, webhook, id, SAMPLE_NOW + Number(id.slice(1)))
      await tell(store, later, 'a4', SAMPLE_NOW + 500)
      const target = { organization: 'org', webhook: 'w1' }
      const now = SAMPLE_NOW + 10
      expect(await store.nextDue()).toBe(SAMPLE_NOW + 1)
      expect(await store.dueTargets(now)).toEqual([target])
      const first = await store.claim(target, 2, now, now + 100)
      expect(first.map(({ alert }) => alert.id)).toEqual(['a1', 'a2'])
      expect(first[0]).toMatchObject({ webhook, delivery: { state: 'waiting', dueAt: now + 100 } })
      expect((await store.claim(target, 9, now, now + 100)).map(({ alert }) => alert.id)).toEqual(['a3'])
      expect(await store.claim(target, 9, now + 99, now + 200)).toEqual([])
      expect(await store.claim(target, 9, now + 100, now + 200)).toHaveLength(3)
      expect(await store.claim({ organization: 'org', webhook: 'nobody' }, 9, now, now)).toEqual([])
    }))

  it('begins a delivery once, and again when it is replayed after it has ended', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      const target = { organization: 'org', webhook: 'w1' }
      const delivery = await tell(store, webhook, 'a1')
      expect(await store.replay(target, delivery.id, SAMPLE_NOW + 9)).toMatchObject({ dueAt: SAMPLE_NOW })
      await attempt(store, delivery, 'a1', DELIVERED)
      await tell(store, webhook, 'a1')
      expect(await store.nextDue()).toBeNull()
      expect(await store.replay(target, delivery.id, SAMPLE_NOW + 9)).toMatchObject({ state: 'waiting', round: 0, attempts: 1 })
      expect(await store.replay({ ...target, webhook: 'w2' }, delivery.id, SAMPLE_NOW)).toBeNull()
      expect(await store.replay({ ...target, organization: 'other' }, delivery.id, SAMPLE_NOW)).toBeNull()
      await attempt(store, delivery, 'a1', DELIVERED, SAMPLE_NOW + 10)
      expect((await store.attempts(target, 10)).map(({ number, status }) => [number, status])).toEqual([
        [2, 'delivered'],
        [1, 'delivered'],
      ])
    }))
}

function settlingTests(withStore: WithStore): void {
  it('notes an attempt with what it changes', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      const delivery = await tell(store, webhook, 'a1')
      await attempt(store, delivery, 'a1', REFUSED)
      expect(await store.webhook('org', 'w1')).toMatchObject({ failingSince: SAMPLE_NOW })
      expect(await store.nextDue()).toBe(SAMPLE_NOW + 5_000)
      expect(await store.backlog()).toMatchObject({ waiting: 1, failing: 1, disabled: 0 })
      const [logged] = await store.attempts({ organization: 'org', webhook: 'w1' }, 1)
      expect(logged).toMatchObject({ status: 'retrying', code: 500, nextAt: SAMPLE_NOW + 5_000, durationMs: 3 })
    }))

  it('a webhook that is gone is disabled, what waits for it is failed, and the others are told', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      await register(store, { id: 'w2' })
      await register(store, { id: 'w3', organization: 'other' })
      const delivery = await tell(store, webhook, 'a1')
      await tell(store, webhook, 'a2', SAMPLE_NOW + 1)
      await attempt(store, delivery, 'a1', GONE)
      expect(await store.webhook('org', 'w1')).toMatchObject({ disabled: { at: SAMPLE_NOW } })
      expect(await store.dueTargets(SAMPLE_NOW + 10)).toEqual([{ organization: 'org', webhook: 'w2' }])
      expect((await store.alerts('org', 1, null))[0]).toMatchObject({ id: expect.any(String) })
      expect((await store.alerts('org', 10, null)).map(({ type }) => type)).toContain('webhook.disabled')
    }))

  it('forgets what is old and has ended, and nothing that waits', () =>
    withStore(async (store) => {
      const webhook = await register(store, { id: 'w1' })
      await attempt(store, await tell(store, webhook, 'a1'), 'a1', DELIVERED)
      await tell(store, webhook, 'a2')
      await store.prune(SAMPLE_NOW)
      expect(await store.alerts(null, 10, null)).toHaveLength(2)
      await store.prune(SAMPLE_NOW + 1)
      expect((await store.alerts(null, 10, null)).map(({ id }) => id)).toEqual(['a2'])
      expect(await store.attempts({ organization: 'org', webhook: 'w1' }, 10)).toEqual([])
      expect(await store.nextDue()).toBe(SAMPLE_NOW)
    }))
}
