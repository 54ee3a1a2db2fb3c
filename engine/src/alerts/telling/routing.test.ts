import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import cases from '../../../../conformance/alerts/routing.json' with { type: 'json' }
import { sampleBudget } from '../../ledger/sample.ts'
import type { Alert, Webhook } from '../records.ts'
import { sampleAlert, sampleWebhook } from '../sample.ts'
import { routed, wants, watchedOf } from './routing.ts'

describe('a webhook wants', () => {
  it.each(cases)('$name: $wanted', ({ webhook, alert, wanted }) => {
    const asks = sampleWebhook({ id: 'w', ...(webhook as Partial<Webhook>) })
    expect(wants(asks, sampleAlert({ id: 'a', ...(alert as Partial<Alert>) }))).toBe(wanted)
  })
})

describe('what is routed', () => {
  const webhook = fc.record({
    agent: fc.constantFrom(null, 'a', 'b'),
    thresholdPct: fc.constantFrom(null, 60, 75),
    events: fc.constantFrom(['*'], ['budget.threshold'], ['webhook.disabled']),
  })
  const alert = fc.record({ agent: fc.constantFrom(null, 'a', 'b'), thresholdPct: fc.constantFrom(60, 75, 90), watched: fc.boolean() })

  it('goes to each webhook that wants it once, and what nobody listens for is not kept', () => {
    fc.assert(
      fc.property(fc.array(webhook, { maxLength: 6 }), fc.array(alert, { maxLength: 6 }), (listeners, told) => {
        const webhooks = listeners.map((of, index) => sampleWebhook({ id: `w${index}`, ...of }))
        const alerts = told.map((of, index) => sampleAlert({ id: `a${index}`, ...of }))
        const { alerts: kept, deliveries } = routed(alerts, webhooks, 5)
        const pairs = alerts.flatMap((one) => webhooks.filter((each) => wants(each, one)).map(({ id }) => `${one.id} ${id}`))
        expect(deliveries.map((delivery) => `${delivery.alert} ${delivery.webhook}`)).toEqual(pairs)
        expect(new Set(deliveries.map(({ id }) => id)).size).toBe(deliveries.length)
        expect(routed(alerts, webhooks, 9).deliveries.map(({ id }) => id)).toEqual(deliveries.map(({ id }) => id))
        const heard = new Set(deliveries.map((delivery) => delivery.alert))
        expect(kept).toEqual(alerts.filter(({ id, watched }) => !watched || heard.has(id)))
      }),
    )
  })
})

describe('the thresholds that webhooks ask of a budget', () => {
  const webhooks = [
    sampleWebhook({ id: 'w1', agent: 'a', thresholdPct: 60 }),
    sampleWebhook({ id: 'w2', agent: 'b', thresholdPct: 40 }),
    sampleWebhook({ id: 'w3', thresholdPct: 75 }),
    sampleWebhook({ id: 'w4', thresholdPct: 50, events: ['webhook.disabled'] }),
    sampleWebhook({ id: 'w5', thresholdPct: 10, disabled: { at: 1, reason: 'x' } }),
    sampleWebhook({ id: 'w6', thresholdPct: 20, organization: 'other' }),
    sampleWebhook({ id: 'w7', thresholdPct: 95 }),
    sampleWebhook({ id: 'w8' }),
  ]
  it.each([
    ['an agent', { dimension: 'agent' as const, value: 'a' }, [60, 95]],
    ['each agent', { dimension: 'agent' as const, value: '*' }, [40, 60, 95]],
    ['a team', { dimension: 'team' as const, value: 'a' }, [95]],
    ['a budget without thresholds', { dimension: 'agent' as const, value: 'c', thresholds: [] }, [75, 95]],
  ])('for %s', (_, rule, watched) => {
    expect(watchedOf(sampleBudget({ id: 'b', ...rule }), webhooks)).toEqual(watched)
  })
})
