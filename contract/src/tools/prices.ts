import { Type } from '@sinclair/typebox'
import { Name, Nullable, UsdText } from '../scalars.ts'
import { AgentField, AmountField, KnownUsdText, RoundedFrom } from './fields.ts'
import { tool } from './tool.ts'

export const getVolumeDiscount = tool({
  tool: 'get_volume_discount',
  title: 'Which volume discount an agent has reached',
  description:
    'The tier that the agent has reached with what it spent this month, and the next one. Tiers are those that the organization has declared; without any the tier is "none". A tier is information: charges follow the rates.',
  input: Type.Object({ ...AgentField }, { additionalProperties: false }),
  answer: Type.Object({
    agent_id: Type.String(),
    current_tier: Type.String(),
    discount_pct: Type.Number(),
    monthly_volume: KnownUsdText,
    next_tier: Type.Optional(Type.String()),
    next_tier_threshold: Type.Optional(UsdText),
    next_tier_discount_pct: Type.Optional(Type.Number()),
  }),
  permission: 'read',
  effect: 'read',
  example: { agent_id: 'orchestrator-01' },
})

export const estimateCost = tool({
  tool: 'estimate_cost',
  title: 'What a use of a tool or model would cost',
  description:
    'The cost of one use of a tool or model before it is used: by the price of a published service, by the rates of the organization, or by the public price of the model that `parameters` name. Nothing is posted or held. Without a known price there is no `estimated_cost`: that is not zero.',
  input: Type.Object(
    {
      ...AgentField,
      tool: Type.String({ ...Name, description: 'Name of a tool, a service or a model.' }),
      parameters: Type.Optional(
        Type.Object(
          {},
          {
            additionalProperties: true,
            description:
              'What it would be given. Read are model, provider, input_tokens, output_tokens (or max_output_tokens), and tokens where the split is not known.',
          },
        ),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    tool: Type.String(),
    estimated_cost: Type.Optional(Type.String({ ...UsdText, description: 'Left out when no price is known: that is not zero.' })),
    currency: Type.Literal('USD'),
    status: Type.Union([Type.Literal('exact'), Type.Literal('estimated'), Type.Literal('unpriced')]),
    basis: Nullable(Type.String({ description: 'Which price was used. Null: none is known.' })),
    notes: Type.Array(Type.String(), { description: 'What was assumed, or what to do about an unknown price.' }),
  }),
  permission: 'read',
  effect: 'read',
  example: { tool: 'search_services', parameters: { query: 'document summarization' } },
})

const CurrencyField = Type.String({ minLength: 1, maxLength: 16, description: 'ISO 4217 code, such as EUR.' })

export const convertCurrency = tool({
  tool: 'convert_currency',
  title: 'Convert an amount between currencies',
  description:
    'Converts by the newest exchange rates that this server was given, and says how old they are. A currency without a rate is refused, never taken one to one.',
  input: Type.Object(
    { ...AgentField, amount: AmountField, from_currency: CurrencyField, to_currency: CurrencyField },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    amount: Type.String(),
    from_currency: Type.String(),
    to_currency: Type.String(),
    converted_amount: Type.String({ description: 'Decimal text, rounded half to even at the twelfth decimal.' }),
    rate: Type.String({ description: 'Units of the target currency for one of the source currency.' }),
    as_of: Nullable(Type.String({ description: 'The day of the older of the rates used. Null: both are the same currency.' })),
    source: Nullable(Type.String()),
    ...RoundedFrom,
  }),
  permission: 'read',
  effect: 'read',
  example: { amount: '85.5', from_currency: 'EUR', to_currency: 'USD' },
})
