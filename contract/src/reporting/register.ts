import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, UsdNumber, UsdText } from '../scalars.ts'

/** The most that a budget or a report can say: a billion dollars. */
export const REPORTED_USD_MAX = 1_000_000_000

export const DailyRegister = Type.Object(
  {
    company_name: Name,
    email: Type.Optional(
      Nullable(
        Type.String({
          minLength: 3,
          maxLength: 254,
          pattern: '^[^\\s@\\u0000-\\u001f]+@[^\\s@\\u0000-\\u001f]+$',
          description: 'an address such as finance@example.com',
        }),
      ),
    ),
    monthly_budget: Type.Optional(
      Nullable(
        Type.Number({
          exclusiveMinimum: 0,
          maximum: REPORTED_USD_MAX,
          description: 'US dollars a month. It warns and refuses nothing. Left out: as it was; null: none.',
        }),
      ),
    ),
    alert_threshold_pct: Type.Optional(
      Nullable(Type.Integer({ minimum: 1, maximum: 100, description: 'Percent of the monthly budget to be told at. 80 when never said.' })),
    ),
    zone: Type.Optional(
      Nullable(Type.String({ maxLength: 64, description: 'IANA time zone of the days that reports are about. UTC when never said.' })),
    ),
    new_key: Type.Optional(
      Type.Boolean({ description: 'Registering again changes what is said and makes no key, unless this is true.', default: false }),
    ),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'DailyRegister', additionalProperties: false, description: 'Who reports, and the month’s budget. Again: changes what is said.' },
)

/** Who reports, as every answer of the family spells it. */
export const DailyCustomer = Type.Object(
  {
    id: Type.String({ description: 'The same for one organization for ever.' }),
    organization_id: Type.String(),
    company_name: Nullable(Type.String({ description: 'Null while nobody has registered.' })),
    email: Nullable(Type.String()),
    monthly_budget: Nullable(UsdNumber),
    monthly_budget_exact: Nullable(UsdText),
    alert_threshold_pct: Nullable(Type.Integer()),
    zone: Type.String(),
  },
  { $id: 'DailyCustomer' },
)

export const DailyRegistered = Type.Object(
  {
    ok: Type.Literal(true),
    message: Type.String(),
    api_key: Nullable(
      Type.String({
        description: 'Shown in this answer and nowhere else. Null when it was registered before and no new key was asked for.',
      }),
    ),
    key_id: Nullable(Type.String()),
    customer: Type.Ref('DailyCustomer'),
    budget_id: Nullable(Type.String({ description: 'The budget in the ledger that the month’s budget became.' })),
    admin_secret: Type.Optional(Type.String({ description: 'Made with the first key of a server that needs keys.' })),
  },
  { $id: 'DailyRegistered' },
)

export type DailyRegister = Static<typeof DailyRegister>
export type DailyCustomer = Static<typeof DailyCustomer>
export type DailyRegistered = Omit<Static<typeof DailyRegistered>, 'customer'> & { customer: DailyCustomer }
