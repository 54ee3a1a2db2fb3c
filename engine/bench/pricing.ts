import { buildCatalog, bundledCatalogFiles, type CardBook, price } from '../src/pricing/index.ts'
import type { Usage } from '../src/usage/index.ts'
import { median, rounded, type Section } from './section.ts'

const CHARGES = 100_000
const ROUNDS = 30
const CHARGES_PER_SECOND_MIN = 1_000_000

/**
 * Charges a second of processor time, for calls of five meters over a handful of models, every call with other quantities. The figure is the
 * best round, because what else runs on the machine is not what is asked; the median round stands beside it.
 */
export function benchPricing(): Section {
  const now = Date.now()
  const began = performance.now()
  const { book } = buildCatalog(bundledCatalogFiles())
  const loadMs = performance.now() - began
  const usages = Array.from({ length: 10_000 }, (_, index) => fiveMeters(index, now))
  const rounds = Array.from({ length: ROUNDS }, () => CHARGES / cpuSeconds(() => priceAll(usages, book, now)))
  const best = Math.max(...rounds)
  return {
    title: 'Pricing',
    method: `${CHARGES.toLocaleString('en-US')} charges of five meters (input, cache read, cache write, output, reasoning) in process, a second of processor time, best of ${ROUNDS} rounds.`,
    measurements: [
      {
        what: 'charges of a five-meter call',
        ours: `${rounded(best)} charges/s`,
        beside: `${rounded(median(rounds))} charges/s (median round)`,
        target: `at least ${CHARGES_PER_SECOND_MIN.toLocaleString('en-US')} charges/s`,
        figure: rounded(best),
        met: best >= CHARGES_PER_SECOND_MIN,
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

function priceAll(usages: readonly Usage[], book: CardBook, knownAt: number): void {
  for (let index = 0; index < CHARGES; index += 1) {
    const usage = usages[index % usages.length]
    if (usage === undefined || price(usage, book, { knownAt }).status !== 'exact') throw new Error('a charge was not exact')
  }
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
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
