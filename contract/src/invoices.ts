import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdText } from './scalars.ts'

const Party = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256 }),
    address: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
    tax_id: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
  },
  { additionalProperties: false },
)
const Amount = Type.String({ description: 'In the currency of the invoice, with as many decimals as it has.' })

export const IssueInvoice = Type.Object(
  {
    bill_to: Type.Object(
      {
        dimension: Type.String({
          minLength: 1,
          maxLength: 260,
          description: 'team, cost_center, project, user, agent, …, or tag:<name>, e.g. tag:customer.',
        }),
        value: Name,
        party: Type.Optional(Nullable(Party)),
      },
      { additionalProperties: false, description: 'Whose calls are billed, and to whom.' },
    ),
    issuer: Type.Optional(Nullable(Party)),
    period: Type.Optional(Type.String({ maxLength: 32, description: 'last_month (also when nothing is said), or 7d, 30d, month, …' })),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, inclusive.' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, exclusive.' })),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone in which months begin. UTC when left out.' })),
    lines_by: Type.Optional(
      Type.String({ maxLength: 260, description: 'What makes a line: model (also when left out), agent, project, …' }),
    ),
    markup_pct: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000, description: '0 when left out.' })),
    currency: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{3}$',
        description: 'ISO 4217. USD when left out; another needs an exchange rate: PUT /v1/finops/fx.',
      }),
    ),
    due_days: Type.Optional(Type.Integer({ minimum: 0, maximum: 365, description: '30 when left out.' })),
    note: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
    preview: Type.Optional(Type.Boolean({ description: 'Draw it up, and issue nothing: it has no number.' })),
    request_id: Type.Optional(Nullable(Id)),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'IssueInvoice', additionalProperties: false },
)

export const IssuedInvoice = Type.Object(
  {
    number: Nullable(Type.String({ description: 'Without gaps within a year. Null for a preview.' })),
    kind: Type.Union([Type.Literal('invoice'), Type.Literal('credit_note')]),
    status: Type.Union([Type.Literal('preview'), Type.Literal('issued'), Type.Literal('partly_credited'), Type.Literal('credited')]),
    organization_id: Type.String(),
    credits: Nullable(Type.String({ description: 'Of a credit note: the number of the invoice that it takes back.' })),
    credited_by: Type.Array(Type.String(), { description: 'Numbers of the credit notes on it.' }),
    reason: Nullable(Type.String()),
    bill_to: Type.Object({ dimension: Type.String(), value: Type.String(), party: Nullable(Party) }),
    issuer: Nullable(Party),
    issued_at: Nullable(Time),
    due_at: Nullable(Time),
    period: Type.Object({ from: Time, to: Time, zone: Type.String() }),
    currency: Type.String(),
    exchange_rate: Nullable(Type.Object({ usd_per_unit: Type.String(), as_of: Type.String(), source: Type.String() })),
    lines: Type.Array(
      Type.Object({
        position: Type.Integer(),
        description: Type.String(),
        calls: Nullable(Type.Integer()),
        tokens: Nullable(Type.Integer()),
        cost_usd: Nullable(UsdText),
        amount: Nullable(Amount),
      }),
      { description: 'Each rounded once, with the markup; they add up to the total.' },
    ),
    cost_usd: Nullable(
      Type.String({ description: 'What the calls cost, exact, as far as their price is known; null in a preview when no price is.' }),
    ),
    markup_pct: Type.Number(),
    subtotal: Nullable(Type.String({ description: 'The cost in the currency, rounded once. Null together with cost_usd.' })),
    markup: Nullable(Type.String({ description: 'The total less the subtotal. Null together with cost_usd.' })),
    total: Nullable(Amount),
    unpriced_calls: Type.Integer({ description: 'Calls whose price is not known: the invoice does not hold them.' }),
    note: Nullable(Type.String()),
    replayed: Type.Optional(Type.Boolean()),
    recomputed: Type.Optional(
      Type.Object(
        { cost_usd: Nullable(UsdText), difference_usd: Nullable(UsdText) },
        { description: 'What the same calls and those that came since cost today: late calls and corrections change no invoice.' },
      ),
    ),
  },
  { $id: 'IssuedInvoice' },
)

export const InvoicesQuery = Type.Object(
  {
    dimension: Type.Optional(Type.String({ maxLength: 260 })),
    value: Type.Optional(Type.String({ maxLength: 256 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    organization_id: Type.Optional(Id),
  },
  { $id: 'InvoicesQuery', additionalProperties: false },
)
export const Invoices = Type.Object(
  { invoices: Type.Array(Type.Ref('IssuedInvoice'), { description: 'The latest first.' }) },
  { $id: 'Invoices' },
)

export const GetInvoice = Type.Object(
  {
    number: Id,
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('html')])),
    check: Type.Optional(Type.Boolean({ description: 'Also say what the same period costs by the books of today.' })),
    organization_id: Type.Optional(Id),
  },
  { $id: 'GetInvoice', additionalProperties: false },
)

export const CreditInvoice = Type.Object(
  {
    number: Id,
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    lines: Type.Optional(
      Nullable(
        Type.Array(
          Type.Object(
            { position: Type.Integer({ minimum: 1 }), amount: Type.String({ pattern: '^\\d{1,18}(\\.\\d{1,4})?$' }) },
            { additionalProperties: false },
          ),
          { minItems: 1, maxItems: 10_000, description: 'What is taken back of which line; all that is left when left out.' },
        ),
      ),
    ),
    request_id: Type.Optional(Nullable(Id)),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'CreditInvoice', additionalProperties: false },
)

export type IssueInvoice = Static<typeof IssueInvoice>
export type IssuedInvoice = Static<typeof IssuedInvoice>
export type CreditInvoice = Static<typeof CreditInvoice>
