import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time, UsdText } from './scalars.ts'

/** What a key may be allowed: to report calls, to read, to manage keys and rates. */
export const PERMISSIONS = ['report', 'read', 'manage'] as const
export type Permission = (typeof PERMISSIONS)[number]

const key = {
  id: Type.String(),
  organization_id: Nullable(Type.String({ description: 'Null: all organizations.' })),
  name: Type.String(),
  prefix: Type.String({ description: 'First characters of the secret, to recognise it by.' }),
  agent: Nullable(Type.String()),
  operations: Nullable(Type.Array(Type.String())),
  team: Nullable(Type.String()),
  project: Nullable(Type.String()),
  cost_center: Nullable(Type.String()),
  created_at: Type.String(),
  expires_at: Nullable(Type.String()),
  revoked_at: Nullable(Type.String()),
  replaced_by: Nullable(Type.String()),
  status: Type.Union([Type.Literal('active'), Type.Literal('expired'), Type.Literal('revoked')]),
}

export const KeyAnswer = Type.Object(key, { $id: 'Key' })

export const KeyCreate = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    name: Name,
    agent: Type.Optional(Nullable(Name)),
    operations: Type.Optional(
      Nullable(
        Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
          minItems: 1,
          maxItems: 64,
          description: 'report, read, manage, or names of single operations. Default: report and read; report alone for an agent.',
        }),
      ),
    ),
    team: Type.Optional(Nullable(Name)),
    project: Type.Optional(Nullable(Name)),
    cost_center: Type.Optional(Nullable(Name)),
    expires_at: Type.Optional(Nullable(Time)),
  },
  {
    $id: 'KeyCreate',
    additionalProperties: false,
    description: 'A key of an organization. What is bound to it (organization, agent) outranks what a request says.',
  },
)

export const KeyCreated = Type.Object(
  {
    key: Type.Ref('Key'),
    secret: Type.String({ description: 'Shown once; only its SHA-256 is kept.' }),
    admin_secret: Type.Optional(
      Type.String({
        description: 'The bootstrap key, made with the first key of a local server, because from now on every request needs one.',
      }),
    ),
  },
  { $id: 'KeyCreated' },
)

export const KeysQuery = Type.Object({ organization_id: Type.Optional(Id) }, { $id: 'KeysQuery', additionalProperties: false })
export const KeysAnswer = Type.Object({ keys: Type.Array(Type.Ref('Key')) }, { $id: 'KeysAnswer' })

export const KeyRotate = Type.Object(
  {
    key_id: Id,
    grace_hours: Type.Optional(Type.Number({ minimum: 0, maximum: 720, description: 'How long the old secret still works. Default: 24.' })),
  },
  { $id: 'KeyRotate', additionalProperties: false },
)
export const KeyRevoke = Type.Object({ key_id: Id }, { $id: 'KeyRevoke', additionalProperties: false })
export const KeyRevoked = Type.Object({ key: Type.Ref('Key') }, { $id: 'KeyRevoked' })

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

export type KeyAnswer = Static<typeof KeyAnswer>
export type KeyCreate = Static<typeof KeyCreate>
export type SqlAnswer = Static<typeof SqlAnswer>
export type AuditAnswer = Static<typeof AuditAnswer>
export type VerifyAnswer = Static<typeof VerifyAnswer>
export type RebuildAnswer = Static<typeof RebuildAnswer>
export type HealthAnswer = Static<typeof HealthAnswer>
export type HealthStatus = (typeof HEALTH_STATUSES)[number]
export type VersionAnswer = Static<typeof VersionAnswer>
export interface KeyCreated {
  readonly key: KeyAnswer
  readonly secret: string
  readonly admin_secret?: string
}
