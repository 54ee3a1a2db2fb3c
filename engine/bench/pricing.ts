import { buildCatalog, bundledCatalogFiles, price } from '../src/pricing/index.ts'
import type { Usage } from '../src/usage/index.ts'
import { median, rounded, type Section } from './section.ts'

const CHARGES = 500_000
const ROUNDS = 5
const CHARGES_PER_SECOND_MIN = 1_000_000

/** Charges a second in this process, for calls of five meters over a handful of models, every call with other quantities. */
export function benchPricing(): Section {
  const now = Date.now()
  const began = performance.now()
  const { book } = buildCatalog(bundledCatalogFiles())
  const loadMs = performance.now() - began
  const usages = Array.from({ length: 10_000 }, (_, index) => fiveMeters(index, now))
  const rates = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now()
    for (let index = 0; index < CHARGES; index += 1) {
      const usage = usages[index % usages.length]
      if (usage === undefined || price(usage, book, { knownAt: now }).status !== 'exact') throw new Error('a charge was not exact')
    }
    return CHARGES / ((performance.now() - start) / 1000)
  }).slice(1)
  const perSecond = median(rates)
  return {
    title: 'Pricing',
    method: `${CHARGES.toLocaleString('en-US')} charges of five meters (input, cache read, cache write, output, reasoning) in process on one core, median of ${ROUNDS} rounds after a warm-up.`,
    measurements: [
      {
        what: 'charges of a five-meter call',
        ours: `${rounded(perSecond)} charges/s`,
        beside: '',
        target: `at least ${CHARGES_PER_SECOND_MIN.toLocaleString('en-US')} charges/s`,
        figure: rounded(perSecond),
        met: perSecond >= CHARGES_PER_SECOND_MIN,
      },
      {
        what: 'loading the bundled catalog',
        ours: `${rounded(loadMs)} ms`,
        beside: `${book.cards.length.toLocaleString('en-US')} cards`,
        target: '',
        figure: rounded(loadMs),
        met: null,
      },
    ],
  }
}

const MODELS = ['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-haiku-4-5'] as const

function fiveMeters(index: number, at: number): Usage {
  const model = MODELS[index % MODELS.length] ?? MODELS[0]
  return {
    seller: 'anthropic',
    modelRequested: model,
    modelServed: model,
    at,
    inferences: [
      {
        model,
        kind: 'message',
        meters: {
          input: 100 + index,
          'input.cache_read': 5_000 + index,
          'input.cache_write_5m': 200 + index,
          output: 300 + index,
          'output.reasoning': 50 + index,
        },
        evidence: {
          input: 'reported',
          'input.cache_read': 'reported',
          'input.cache_write_5m': 'reported',
          output: 'reported',
          'output.reasoning': 'reported',
        },
      },
    ],
    context: { endpoint: 'messages' },
    notes: [],
    outcome: { ok: true },
  }
}
