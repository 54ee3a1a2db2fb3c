import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdInput, UsdText } from './scalars.ts'

const percent = Type.Number({ minimum: 0, maximum: 100, description: 'Percent.' })

export const DiscountTiersSet = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    tiers: Type.Array(Type.Object({ name: Name, from_usd: UsdInput, discount_pct: percent }, { additionalProperties: false }), {
      maxItems: 64,
      description: 'What an agent must have spent in a month for each tier. Empty: there are no discounts.',
    }),
  },
  {
    $id: 'DiscountTiersSet',
    additionalProperties: false,
    description:
      'The volume discounts of an organization, all at once. They are shown, and change no charge: what is charged follows the rates.',
  },
)

export const DiscountTiers = Type.Object(
  {
    organization_id: Type.String(),
    tiers: Type.Array(Type.Object({ name: Type.String(), from_usd: UsdText, discount_pct: percent })),
    set_at: Nullable(Time),
  },
  { $id: 'DiscountTiers' },
)

export const DiscountTiersQuery = Type.Object(
  { organization_id: Type.Optional(Id) },
  { $id: 'DiscountTiersQuery', additionalProperties: false },
)

export type DiscountTiers = Static<typeof DiscountTiers>
