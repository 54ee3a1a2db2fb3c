import { type Static, Type } from '@sinclair/typebox'
import { RatePrice } from '../rates.ts'
import { Id, Name, Nullable } from '../scalars.ts'

/** The rates of this family, each per 1,000 tokens, and the meter that each prices. */
export const VALUATION_RATES = {
  inputRatePerKTokens: 'input',
  outputRatePerKTokens: 'output',
  cachedInputRatePerKTokens: 'input.cache_read',
  cacheWriteRatePerKTokens: 'input.cache_write',
  reasoningRatePerKTokens: 'output.reasoning',
} as const
export type ValuationRateName = keyof typeof VALUATION_RATES
const NAMES = Object.keys(VALUATION_RATES) as ValuationRateName[]

function eachRate<T>(schema: T): Record<ValuationRateName, T> {
  return Object.fromEntries(NAMES.map((name) => [name, schema])) as Record<ValuationRateName, T>
}

const provider = Type.String({ minLength: 1, maxLength: 64, description: 'Who invoices. Left out: wherever the model is bought.' })

export const ValuationRateSet = Type.Object(
  {
    modelId: Name,
    ...eachRate(Type.Optional(Nullable(RatePrice))),
    provider: Type.Optional(Nullable(provider)),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code. Default USD.' })),
    organizationId: Type.Optional(Nullable(Id)),
    reference: Type.Optional(Type.String({ maxLength: 256, description: 'Contract number or reason; shown beside every price.' })),
  },
  {
    $id: 'ValuationRateSet',
    additionalProperties: false,
    description:
      'Rates of your own for a model, per 1,000 tokens, from the next call on. They replace all that you had set for it; what is left out is at its list price.',
  },
)

export const ValuationRate = Type.Object(
  {
    modelId: Type.String(),
    ...eachRate(
      Nullable(
        Type.Number({
          description:
            'Per 1,000 tokens of a plain call of the standard tier, for display. Null: the card has no such price (see `conditional`).',
        }),
      ),
    ),
    exact: Type.Object(eachRate(Nullable(Type.String({ description: 'The same as decimal text.' })))),
    provider: Type.String({ description: '`*`: wherever the model is bought.' }),
    currency: Type.String(),
    organizationId: Nullable(Type.String({ description: 'Whose own rates they are; null for public ones.' })),
    conditional: Type.Boolean({
      description:
        'There are other prices under a condition (another tier, length of the prompt, region, hour); `GET /v1/finops/rates` has them.',
    }),
    effectiveFrom: Type.String(),
    rateCard: Type.String(),
    source: Type.String({ description: 'Where a reader can look it up.' }),
  },
  { $id: 'ValuationRate' },
)
export const ValuationRatesQuery = Type.Object(
  {
    organizationId: Type.Optional(Id),
    modelId: Type.Optional(Type.String({ maxLength: 256, description: 'Models whose name contains this.' })),
    provider: Type.Optional(provider),
    own: Type.Optional(Type.Boolean({ description: 'Only rates of your own.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'Default: all.' })),
  },
  { $id: 'ValuationRatesQuery', additionalProperties: false },
)
export const ValuationRatesAnswer = Type.Array(Type.Ref('ValuationRate'), {
  $id: 'ValuationRatesAnswer',
  description: 'Rates in force: your own first, which outrank the others, then by provider and model.',
})

export type ValuationRate = Static<typeof ValuationRate>
