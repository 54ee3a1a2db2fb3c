import { describe, expect, it } from 'vitest'
import table from '../../../conformance/budgets/overruns.json' with { type: 'json' }
import { type Picos, picos } from '../kernel/index.ts'
import type { ServiceTier, Usage } from '../usage/index.ts'
import { overrunOf } from './overrun.ts'

interface Row {
  readonly name: string
  /** Picos. */
  readonly held: string | null
  readonly fallback?: string
  readonly plannedTier?: ServiceTier
  readonly plannedMeters?: Readonly<Record<string, number>>
  readonly noPlan?: boolean
  readonly uses: Readonly<Record<string, number>>
  /** A second inference. */
  readonly then?: Readonly<Record<string, number>>
  readonly model?: string
  readonly seller?: string
  readonly tier?: ServiceTier
  readonly region?: string
  readonly later?: boolean
  readonly stated?: string
  readonly unpriced?: boolean
  readonly overrun: string | null
  readonly causes?: readonly string[]
}

const HELD_AT = 1_000
const LATER = 2_000
/** Picos for a unit of each meter; all else of the price are factors. */
const RATES: Readonly<Record<string, bigint>> = {
  input: 10n,
  output: 40n,
  'output.reasoning': 40n,
  'output.audio': 100n,
  'tool.web_search': 10_000n,
}
const FACTORS: Readonly<Record<string, bigint>> = { large: 10n, dear: 2n, priority: 2n }

/** In tenths, so that a region may add one. */
function priced({ seller, inferences, context, attested }: Usage, knownAt: number): Picos {
  if (attested !== undefined) return picos(BigInt(attested.amount))
  let cost = 0n
  for (const { model, meters } of inferences) {
    for (const [meter, quantity] of Object.entries(meters)) cost += (RATES[meter] ?? 0n) * BigInt(quantity) * (FACTORS[model] ?? 1n)
  }
  cost *= (FACTORS[seller] ?? 1n) * (FACTORS[context.tier ?? ''] ?? 1n) * (knownAt >= LATER ? 2n : 1n)
  if (context.tier === 'flex') cost /= 2n
  return picos((context.region === 'us' ? (cost * 11n) / 10n : cost) / 10n)
}

function usageOf({ uses, then, model = 'small', seller = 'cheap', tier, region, stated }: Row): Usage {
  const inferences = [uses, ...(then === undefined ? [] : [then])].map((meters) => ({
    model,
    kind: 'message' as const,
    meters,
    evidence: {},
  }))
  return {
    ...{ seller, modelRequested: 'small', modelServed: model, at: HELD_AT, inferences, notes: [], outcome: { ok: true } },
    context: { ...(tier === undefined ? {} : { tier }), ...(region === undefined ? {} : { region }) },
    ...(stated === undefined ? {} : { attested: { amount: stated, currency: 'USD', by: 'somebody' } }),
  }
}

describe('an overrun', () => {
  it.each(table as readonly Row[])('$name', (row) => {
    const { held, fallback, plannedTier = null, plannedMeters = { input: 1_000, output: 1_000 }, noPlan, later, unpriced } = row
    const usage = usageOf(row)
    const knownAt = later === true ? LATER : HELD_AT
    const plan = { model: 'small', seller: 'cheap', tier: plannedTier, region: null, meters: plannedMeters }
    const overrun = overrunOf(
      {
        at: HELD_AT,
        amount: held === null ? null : picos(BigInt(held)),
        plan: noPlan === true ? null : { ...plan, fallback: fallback === undefined ? null : picos(BigInt(fallback)) },
      },
      usage,
      { amount: unpriced === true ? null : priced(usage, knownAt), knownAt },
      priced,
    )
    expect(overrun === null ? null : String(overrun.amount)).toBe(row.overrun)
    if (row.causes !== undefined) expect(overrun?.parts.map(({ cause, amount }) => `${cause} ${amount}`)).toEqual(row.causes)
  })
})
