import type { Dice } from '../../../sim/dice.ts'
import type { CauseName } from '../../../src/insights/index.ts'

/** What a fault makes of an hour of an agent; 1 and 0 where it leaves something as it was. */
export interface Disturbance {
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** What is left of the share of input that is cached. */
  readonly cached: number
  /** Failed tries before a call that would have succeeded at once, on average, each of them paid. */
  readonly retries: number
  /** Share of calls that go to the dearest model. */
  readonly swapped: number
  readonly price: number
  /** Calls an hour that come on top, whatever the hour. */
  readonly added: number
}

export const UNDISTURBED: Disturbance = { calls: 1, inputTokens: 1, outputTokens: 1, cached: 1, retries: 0, swapped: 0, price: 1, added: 0 }

/** A fault with its label: what is wrong, since when and until when, and what it is called. */
export interface Fault {
  readonly kind: FaultKind
  readonly cause: CauseName
  readonly start: number
  readonly end: number
  readonly words: string
  readonly at: (step: number) => Disturbance
}

export const FAULT_KINDS = [
  'retry storm',
  'prompt growth',
  'output verbosity',
  'cache loss',
  'model swap',
  'volume surge',
  'price change',
  'slow drift',
  'stuck at night',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** A fault of a kind that starts at a step of an hour; how bad it is comes from the dice. */
export function faultOf(kind: FaultKind, start: number, usualRate: number, dice: Dice): Fault {
  const between = (low: number, high: number): number => low + ((high - low) * dice.below(1_001)) / 1_000
  const day = 24
  const make = (cause: CauseName, hours: number, words: string, disturbed: Partial<Disturbance>): Fault => ({
    ...{ kind, cause, start, end: start + hours, words },
    at: () => ({ ...UNDISTURBED, ...disturbed }),
  })
  const times = between(1.8, 4)
  switch (kind) {
    case 'retry storm': {
      const retries = between(2, 8)
      return make('retries', 8, `${retries.toFixed(1)} failed tries a call`, { retries })
    }
    case 'prompt growth':
      return make('input_size', 14 * day, `input × ${times.toFixed(1)}`, { inputTokens: times })
    case 'output verbosity': {
      const more = between(2.5, 6)
      return make('output_size', 14 * day, `output × ${more.toFixed(1)}`, { outputTokens: more })
    }
    case 'cache loss':
      return make('cache_loss', 4 * day, 'no input is cached', { cached: 0 })
    case 'model swap': {
      const swapped = between(0.5, 1)
      return make('model_swap', 14 * day, `${Math.round(swapped * 100)} % of calls on the dearest model`, { swapped })
    }
    case 'volume surge': {
      const calls = between(2.5, 6)
      return make('volume', 12, `calls × ${calls.toFixed(1)}`, { calls })
    }
    case 'price change': {
      const price = between(1.5, 3)
      return make('price', 14 * day, `price × ${price.toFixed(1)}`, { price })
    }
    case 'slow drift':
      return {
        ...make('input_size', 21 * day, 'input grows by 4 % a day', {}),
        at: (step) => ({ ...UNDISTURBED, inputTokens: 1.04 ** ((step - start) / day) }),
      }
    case 'stuck at night':
      return make('volume', 7, 'calls all night as by day', { added: usualRate })
  }
}
