import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, UsdNumber, UsdText } from '../scalars.ts'
import { Span, Trailing } from './parts.ts'

const usd = (description: string) => Type.Union([UsdNumber, Type.Null()], { description })
const exact = Nullable(UsdText)
const unknownReason = Nullable(
  Type.String({ description: 'Why amounts are null, or do not cover everything; null where they are complete.' }),
)

/** What caches have saved and what embeddings have cost, over some calls. */
const effect = {
  cacheSavingsUsd: usd("What calls answered by a cache of answers, the gateway's or your own, would have cost, less what they did cost."),
  cacheSavingsUsdExact: exact,
  embeddingCostUsd: usd('Cost of the calls to embedding models.'),
  embeddingCostUsdExact: exact,
  netRoiUsd: usd('These savings less the cost of all embeddings, whatever they were made for.'),
  netRoiUsdExact: exact,
  semanticCache: Type.Object({
    hits: Nullable(Type.Integer()),
    misses: Nullable(Type.Integer()),
    hitRate: Nullable(Type.Number({ description: 'Of the calls that say whether they were answered by the cache, 0 to 1.' })),
    hitsOfUnknownSaving: Nullable(
      Type.Integer({ description: 'Hits that do not say what was spared, or of a model without a price: not in the savings.' }),
    ),
    hitsCharged: Nullable(
      Type.Integer({
        description: 'Hits that were posted at a price like any call, and so have saved nothing: report them with `cost_usd: 0`.',
      }),
    ),
  }),
  embeddings: Type.Object({ calls: Nullable(Type.Integer()), unpricedCalls: Nullable(Type.Integer()) }),
  gatewayCache: Type.Object(
    {
      exactHits: Nullable(Type.Integer({ description: 'Answered because the same was asked before.' })),
      semanticHits: Nullable(Type.Integer({ description: 'Answered because what was asked means the same as something before.' })),
      savingsUsd: usd('What these hits would have cost.'),
      savingsUsdExact: exact,
      embeddingCalls: Nullable(Type.Integer()),
      embeddingCostUsd: usd('Cost of the embeddings that were made for it.'),
      embeddingCostUsdExact: exact,
      netUsd: usd('Its savings less the cost of its embeddings.'),
      netUsdExact: exact,
    },
    { description: "The part of the gateway's own cache in the figures above." },
  ),
  promptCache: Type.Object(
    {
      savingsUsd: usd(
        'What the tokens that the provider read from its cache or wrote to it would have cost as plain input, less what they cost. Below zero where writing cost more than reading saved.',
      ),
      savingsUsdExact: exact,
      calls: Nullable(Type.Integer({ description: 'Calls with such tokens.' })),
      callsOfUnknownSaving: Nullable(
        Type.Integer({ description: 'Of them, those whose price is not known with and without the cache: not in the savings.' }),
      ),
      cachedTokens: Nullable(Type.Integer({ description: 'Read from the cache.' })),
      writtenTokens: Nullable(Type.Integer({ description: 'Written to it.' })),
    },
    { description: "The provider's own prompt caching; it is no part of the net ROI." },
  ),
}

export const RoiQuery = Type.Object(
  {
    period: Type.Optional(
      Type.Union([Type.Literal('start'), Type.Literal('days'), Type.Literal('all')], {
        description:
          '`start` (default): calls that this process has posted since it started. `days`: the trailing `days`. `all`: all time.',
      }),
    ),
    ...Trailing,
  },
  { $id: 'RoiQuery', additionalProperties: false },
)
export const RoiAnswer = Type.Object(
  {
    period: Type.Union([Type.Literal('start'), Type.Literal('days'), Type.Literal('all')]),
    since: Nullable(Type.String({ description: 'From when on; null for all time.' })),
    until: Type.String(),
    ...effect,
    unknown: unknownReason,
  },
  { $id: 'RoiAnswer' },
)

export const CacheImpactQuery = Type.Object(
  {
    ...Trailing,
    interval: Type.Optional(
      Type.Union([Type.Literal('hour'), Type.Literal('day')], {
        description: 'Length of a point; hours for at most 7 days. Default: day.',
      }),
    ),
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Only calls to this model.' })),
    agentId: Type.Optional(Id),
  },
  { $id: 'CacheImpactQuery', additionalProperties: false },
)
export const CacheImpactAnswer = Type.Object(
  {
    ...Span,
    interval: Type.Union([Type.Literal('hour'), Type.Literal('day')]),
    ...effect,
    unknown: unknownReason,
    series: Type.Array(Type.Object({ start: Type.String(), ...effect, unknown: unknownReason }), {
      description: 'Oldest first, without gaps.',
    }),
  },
  { $id: 'CacheImpactAnswer' },
)

export type RoiAnswer = Static<typeof RoiAnswer>
export type CacheImpactAnswer = Static<typeof CacheImpactAnswer>
