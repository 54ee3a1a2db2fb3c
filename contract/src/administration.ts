import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable, UsdText } from './scalars.ts'

export const SqlQuery = Type.Object(
  {
    sql: Type.String({ minLength: 1, maxLength: 100_000, description: 'One SELECT over the published tables and views.' }),
    organization_id: Type.Optional(Nullable(Id)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  },
  { $id: 'SqlQuery', additionalProperties: false },
)
export const SqlAnswer = Type.Object(
  {
    columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
    rows: Type.Array(Type.Array(Type.Unknown()), { description: 'Decimals and 64-bit integers as text.' }),
    truncated: Type.Boolean(),
  },
  { $id: 'SqlAnswer' },
)

export const AuditQuery = Type.Object(
  {
    organization_id: Type.Optional(Id),
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { $id: 'AuditQuery', additionalProperties: false },
)
export const AuditAnswer = Type.Object(
  {
    entries: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        at: Type.String(),
        organization_id: Nullable(Type.String()),
        actor: Type.String(),
        action: Type.String(),
        target: Type.String(),
        before: Nullable(Type.Unknown()),
        after: Nullable(Type.Unknown()),
        previous_hash: Type.String(),
        hash: Type.String(),
      }),
    ),
    next_after: Nullable(Type.Integer()),
  },
  { $id: 'AuditAnswer', description: 'Every change of a rule about money. Each entry carries the hash of the one before it.' },
)

export const Nothing = Type.Object({}, { $id: 'Nothing', additionalProperties: false })

export const VerifyAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
    differences: Type.Array(
      Type.Object({
        organization_id: Type.String(),
        call_id: Type.String(),
        seq: Type.Integer({ description: 'Line of the journal.' }),
        journal: Nullable(Type.String({ description: 'US dollars, or `unpriced`; null: not there.' })),
        projection: Nullable(Type.String()),
      }),
      { description: 'Rows that analytics has differently from the journal, or not at all.' },
    ),
    head: Type.Integer(),
    calls: Type.Integer(),
    cost: UsdText,
  },
  { $id: 'VerifyAnswer', description: 'Whether journal, ledger and analytics agree to the last pico-dollar, and where they do not.' },
)

export const RebuildAnswer = Type.Object({ entries: Type.Integer(), calls: Type.Integer(), cost: UsdText }, { $id: 'RebuildAnswer' })

export const HEALTH_STATUSES = ['UP', 'DOWN', 'OUT_OF_SERVICE', 'UNKNOWN'] as const
const status = Type.Union(HEALTH_STATUSES.map((name) => Type.Literal(name)))
export const HealthAnswer = Type.Object(
  {
    status,
    components: Type.Optional(
      Type.Record(Type.String(), Type.Object({ status, details: Type.Optional(Type.Record(Type.String(), Type.Unknown())) })),
    ),
    groups: Type.Optional(Type.Array(Type.String())),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Of one component.' })),
  },
  { $id: 'Health' },
)

export const VersionAnswer = Type.Object(
  {
    name: Type.Literal('purser'),
    version: Type.String(),
    started_at: Type.String(),
    auth: Type.String(),
    rate_cards: Type.Integer({ description: 'Rate cards that hold now.' }),
  },
  { $id: 'VersionAnswer' },
)

export type SqlAnswer = Static<typeof SqlAnswer>
export type AuditAnswer = Static<typeof AuditAnswer>
export type VerifyAnswer = Static<typeof VerifyAnswer>
export type RebuildAnswer = Static<typeof RebuildAnswer>
export type HealthAnswer = Static<typeof HealthAnswer>
export type HealthStatus = (typeof HEALTH_STATUSES)[number]
export type VersionAnswer = Static<typeof VersionAnswer>
