import { type Static, Type } from '@sinclair/typebox'
import type { RateCardAnswer } from './rates.ts'
import { Id, Name, Nullable, Quantity, Time, UsdNumber, UsdText } from './scalars.ts'
import { ChargeStatus, consumption } from './tracking.ts'

const Note = Type.Object({ code: Type.String(), detail: Type.String() })

/** What was consumed, as read from the report or from the provider's own response. */
export const UsageExplained = Type.Object(
  {
    seller: Nullable(Type.String({ description: 'Null when nobody is known to sell the model.' })),
    model_requested: Nullable(Type.String()),
    model_served: Nullable(Type.String()),
    at: Type.String(),
    inferences: Type.Array(
      Type.Object({
        model: Type.String(),
        kind: Type.String(),
        meters: Type.Array(
          Type.Object({
            meter: Type.String(),
            quantity: Nullable(Type.Number({ description: 'Null where it is missing.' })),
            evidence: Type.String({ description: 'reported, derived, assumed or missing.' }),
          }),
        ),
      }),
      { description: 'Meters are disjoint: each billed token is in exactly one of them.' },
    ),
    context: Type.Record(Type.String(), Type.Unknown()),
    outcome: Type.Object({ ok: Type.Boolean(), code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) }),
    notes: Type.Array(Note),
  },
  { $id: 'UsageExplained' },
)

/** The priced usage with all that explains it. */
export const ChargeExplained = Type.Object(
  {
    status: ChargeStatus,
    cost_usd: Nullable(UsdNumber),
    cost: Nullable(UsdText),
    lines: Type.Array(
      Type.Object({
        inference: Type.Integer(),
        model: Type.String(),
        meter: Type.String(),
        quantity: Type.Number(),
        price: Type.String(),
        per: Type.Integer(),
        currency: Type.String(),
        modifiers: Type.Array(Type.String()),
        amount: UsdText,
        rate_card: Type.String(),
        rate: Type.Integer({ description: 'Index of the rate in the card.' }),
      }),
      { description: 'quantity × price / per = amount, rounded once, half to even, at the twelfth decimal.' },
    ),
    unpriced: Type.Array(
      Type.Object({
        inference: Type.Integer(),
        model: Type.String(),
        meter: Type.String(),
        quantity: Nullable(Type.Number()),
        reason: Type.String(),
      }),
    ),
    alternatives: Type.Array(Type.Object({ when: Type.String(), cost: UsdText }), {
      description: 'Other amounts that the facts admit, and when each would be right.',
    }),
    attested: Nullable(
      Type.Object({
        cost: UsdText,
        by: Type.String(),
        computed: Nullable(UsdText),
        variance: Nullable(UsdText),
      }),
    ),
    fx: Nullable(Type.Object({ currency: Type.String(), usd_per_unit: Type.String(), as_of: Type.String(), source: Type.String() })),
    notes: Type.Array(Note),
    known_at: Type.String({ description: 'Rates are those known at this time.' }),
  },
  { $id: 'ChargeExplained' },
)

export const PriceRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    model: Type.Optional(Nullable(Name)),
    ...consumption,
    response_text: Type.Optional(
      Type.String({ description: 'The raw text of a response: JSON, or a recorded stream of server-sent events.' }),
    ),
    response_base64: Type.Optional(Type.String({ description: 'The raw bytes of a response, e.g. an AWS event stream.' })),
    content_type: Type.Optional(Type.String({ maxLength: 200, description: 'Content type of the raw response.' })),
    timestamp: Type.Optional(Nullable(Time)),
    known_at: Type.Optional(Nullable(Time)),
  },
  {
    $id: 'PriceRequest',
    additionalProperties: false,
    description: 'Prices without posting. Give counters, or the response in one of its three forms.',
  },
)

export const PriceAnswer = Type.Object(
  { usage: Type.Ref('UsageExplained'), charge: Type.Ref('ChargeExplained'), rate_cards: Type.Array(Type.Ref('RateCard')) },
  { $id: 'PriceAnswer' },
)

export const EstimateRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    model: Name,
    provider: consumption.provider,
    input_tokens: Quantity,
    max_output_tokens: Quantity,
    cache_read_tokens: Type.Optional(
      Nullable(Type.Integer({ ...Quantity, description: 'Part of the input that is expected to be read from the cache.' })),
    ),
    service_tier: consumption.service_tier,
    region: consumption.region,
    timestamp: Type.Optional(Nullable(Time)),
    known_at: Type.Optional(Nullable(Time)),
  },
  {
    $id: 'EstimateRequest',
    additionalProperties: false,
    description: 'A call that has not been made yet. `input_tokens` is the total including cached tokens.',
  },
)

export const EstimateAnswer = Type.Object(
  {
    model: Type.String(),
    provider: Nullable(Type.String({ description: 'Null when nobody is known to sell the model.' })),
    expected: Type.Ref('ChargeExplained'),
    worst_case_usd: Nullable(UsdNumber),
    worst_case: Type.Union([UsdText, Type.Null()], {
      description:
        'The most that such a call can cost, tool fees aside: nothing read from the cache, all input written to it, the dearest reading of every doubt. Null when it cannot be priced: not zero.',
    }),
    rate_cards: Type.Array(Type.Ref('RateCard')),
  },
  { $id: 'EstimateAnswer' },
)

export const RepriceRequest = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    model: Type.Optional(Name),
    agent: Type.Optional(Name),
    only_unpriced: Type.Optional(Type.Boolean()),
    known_at: Type.Optional(Time),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    dry_run: Type.Optional(Type.Boolean({ description: 'Count and sum, record nothing.' })),
  },
  {
    $id: 'RepriceRequest',
    additionalProperties: false,
    description: 'Prices posted calls again by the rates known now. Differences are recorded as adjustments; no posted row is changed.',
  },
)
export const RepriceAnswer = Type.Object(
  {
    examined: Type.Integer(),
    adjusted: Type.Integer(),
    unchanged: Type.Integer(),
    still_unpriced: Type.Integer(),
    skipped_attested: Type.Integer({ description: 'Calls whose cost the seller itself stated.' }),
    difference_usd: UsdNumber,
    difference: UsdText,
    known_at: Type.String(),
    dry_run: Type.Boolean(),
  },
  { $id: 'RepriceAnswer' },
)

/** One posted call, explained to the last line. */
export const CallExplained = Type.Object(
  {
    call_id: Type.String(),
    organization_id: Type.String(),
    seq: Type.Integer({ description: 'Position in the journal.' }),
    recorded_at: Type.String(),
    timestamp: Type.String(),
    agent_name: Nullable(Type.String()),
    model: Nullable(Type.String()),
    workflow_id: Nullable(Type.String()),
    workflow_name: Nullable(Type.String()),
    parent_call_id: Nullable(Type.String()),
    session_id: Nullable(Type.String()),
    user_id: Nullable(Type.String()),
    team: Nullable(Type.String()),
    project: Nullable(Type.String()),
    cost_center: Nullable(Type.String()),
    action: Nullable(Type.String()),
    tags: Type.Record(Type.String(), Type.String()),
    key_id: Nullable(Type.String()),
    source: Type.String(),
    success: Type.Boolean(),
    error: Nullable(Type.String()),
    latency_ms: Nullable(Type.Number()),
    cost_usd: Nullable(UsdNumber),
    cost: Nullable(UsdText),
    usage: Type.Ref('UsageExplained'),
    charge: Type.Ref('ChargeExplained'),
    rate_cards: Type.Array(Type.Ref('RateCard')),
    transfers: Type.Array(Type.Object({ debit: Type.String(), credit: Type.String(), amount: UsdText })),
    hold: Type.Union(
      [
        Type.Object({
          at: Type.String({ description: 'When it was taken: the call counts in the budgets of this time.' }),
          held_usd: Type.Union([UsdText, Type.Null()], { description: 'Null when no price was known.' }),
        }),
        Type.Null(),
      ],
      { description: 'What was held for the call; null when nothing was.' },
    ),
    overrun: Type.Optional(Type.Ref('Overrun')),
    adjustments: Type.Array(
      Type.Object({
        id: Type.String(),
        at: Type.String(),
        recorded_at: Type.String(),
        reason: Type.String(),
        delta: UsdText,
        cost_after: UsdText,
        charge: Type.Ref('ChargeExplained'),
      }),
      { description: 'Corrections under newer knowledge; `cost` includes them.' },
    ),
  },
  { $id: 'CallExplained' },
)

export type PriceRequest = Static<typeof PriceRequest>
export type UsageExplained = Static<typeof UsageExplained>
export type ChargeExplained = Static<typeof ChargeExplained>
export interface PriceAnswer {
  readonly usage: UsageExplained
  readonly charge: ChargeExplained
  readonly rate_cards: RateCardAnswer[]
}
export interface EstimateAnswer {
  readonly model: string
  readonly provider: string | null
  readonly expected: ChargeExplained
  readonly worst_case_usd: number | null
  readonly worst_case: string | null
  readonly rate_cards: RateCardAnswer[]
}
