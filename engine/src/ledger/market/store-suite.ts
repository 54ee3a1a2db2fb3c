import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import type { MarketStore, MetricsReport, ServiceOffer } from './market.ts'

/** What every store of offers and metrics must do; run for each of them. */
export function marketStoreSuite(name: string, open: () => Promise<{ readonly store: MarketStore; close(): Promise<void> }>): void {
  const withStore = async (test: (store: MarketStore) => Promise<void>): Promise<void> => {
    const { store, close } = await open()
    try {
      await test(store)
    } finally {
      await close()
    }
  }
  describe(`market store: ${name}`, () => {
    it('keeps offers by organization, changed ones in place', () =>
      withStore(async (store) => {
        await store.putService(offer({ id: 's1' }), audit('s1'))
        await store.putService(offer({ id: 's2', price: picos(10n ** 24n) }), audit('s2'))
        await store.putService(offer({ id: 's1', organization: 'other' }), audit('s1'))
        await store.putService(offer({ id: 's1', description: null, withdrawnAt: 9 }), audit('s1'))
        expect(await store.services('org')).toEqual([
          offer({ id: 's1', description: null, withdrawnAt: 9 }),
          offer({ id: 's2', price: picos(10n ** 24n) }),
        ])
        expect(await store.service('other', 's1')).toEqual(offer({ id: 's1', organization: 'other' }))
        expect(await store.service('other', 's2')).toBeNull()
      }))

    it('keeps the first report under an id, and finds reports by agent and time', () =>
      withStore(async (store) => {
        const [first, second, third] = [report({ id: 'm1', at: 5 }), report({ id: 'm2', at: 3 }), report({ id: 'm3', agent: 'b', at: 4 })]
        for (const each of [first, second, third]) expect(await store.addMetrics(each)).toEqual({ kept: each, isNew: true })
        expect(await store.addMetrics(report({ id: 'm1', at: 9, metrics: { accuracy: 1 } }))).toEqual({ kept: first, isNew: false })
        expect(await store.metrics('org', 'a', { from: 0, to: 6 })).toEqual([second, first])
        expect(await store.metrics('org', null, { from: 3, to: 5 })).toEqual([second, third])
        expect(await store.metrics('other', null, { from: 0, to: 9 })).toEqual([])
      }))
  })
}

function offer(said: Partial<ServiceOffer> & { readonly id: string }): ServiceOffer {
  return {
    organization: 'org',
    agent: 'a',
    name: 'summaries',
    description: 'Ünïcode "text"',
    price: picos(25_000_000_000n),
    tags: ['text'],
    createdAt: 1,
    withdrawnAt: null,
    ...said,
  }
}

function report(said: Partial<MetricsReport> & { readonly id: string }): MetricsReport {
  return { organization: 'org', agent: 'a', metrics: { accuracy: 0.95 }, escrow: null, at: 1, ...said }
}

function audit(target: string) {
  return { at: 1, organization: 'org', actor: 'local', action: 'set_service', target, before: null, after: '{}' }
}
