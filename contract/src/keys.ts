import { type Static, type TProperties, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Time } from './scalars.ts'

/** What a key may be allowed: to report calls, to read, to manage keys, budgets and rates. */
export const PERMISSIONS = ['report', 'read', 'manage'] as const
export type Permission = (typeof PERMISSIONS)[number]

const PublicJwk = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String({ description: 'The 32 bytes of the public key in base64url.' }),
})

export const KeyAnswer = Type.Object(
  {
    id: Type.String({ description: 'Also the `keyid` of a signature, for a key that signs.' }),
    organization_id: Nullable(Type.String({ description: 'Null: all organizations.' })),
    name: Type.String(),
    kind: Type.Union([Type.Literal('secret'), Type.Literal('signature')], {
      description: '`secret`: sent with each request. `signature`: the agent signs with a private key of its own.',
    }),
    prefix: Type.String({ description: 'First characters of the secret or public key, to recognise it by.' }),
    public_key: Nullable(PublicJwk),
    agent: Nullable(Type.String()),
    operations: Nullable(Type.Array(Type.String())),
    team: Nullable(Type.String()),
    project: Nullable(Type.String()),
    cost_center: Nullable(Type.String()),
    created_at: Type.String(),
    expires_at: Nullable(Type.String()),
    revoked_at: Nullable(Type.String()),
    replaced_by: Nullable(Type.String()),
    last_used_at: Nullable(
      Type.String({
        description:
          'The last request it let in. Null in answers other than a list, and for a key that was never used. Kept in memory and written once a minute: after a crash it may be a minute behind.',
      }),
    ),
    status: Type.Union([Type.Literal('active'), Type.Literal('expired'), Type.Literal('revoked')]),
  },
  { $id: 'Key' },
)

const bound = {
  organization_id: Type.Optional(Nullable(Id)),
  name: Name,
  operations: Type.Optional(
    Nullable(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        minItems: 1,
        maxItems: 64,
        description:
          'report, read, manage, or names of single operations and tools. Default: report and read; report alone for an agent, which may have tools beside it.',
      }),
    ),
  ),
  team: Type.Optional(Nullable(Name)),
  project: Type.Optional(Nullable(Name)),
  cost_center: Type.Optional(Nullable(Name)),
  expires_at: Type.Optional(Nullable(Time)),
} satisfies TProperties

export const KeyCreate = Type.Object(
  { ...bound, agent: Type.Optional(Nullable(Name)) },
  {
    $id: 'KeyCreate',
    additionalProperties: false,
    description: 'A key of an organization. What is bound to it (organization, agent) outranks what a request says.',
  },
)

const admin_secret = Type.Optional(
  Type.String({
    description: 'The bootstrap key, made with the first key of a local server, because from now on every request needs one.',
  }),
)

export const KeyCreated = Type.Object(
  { key: Type.Ref('Key'), secret: Type.String({ description: 'Shown once; only its SHA-256 is kept.' }), admin_secret },
  { $id: 'KeyCreated' },
)

export const PublicKeyRegister = Type.Object(
  {
    ...bound,
    agent: Name,
    public_key: Type.Unknown({
      description: 'An Ed25519 public key: JWK (RFC 8037), PEM, or its 32 bytes in base64. Never a private key.',
    }),
  },
  {
    $id: 'PublicKeyRegister',
    additionalProperties: false,
    description: 'The public key of an agent that signs its requests (RFC 9421) with the private one, in place of sending a secret.',
  },
)

export const PublicKeyRegistered = Type.Object({ key: Type.Ref('Key'), admin_secret }, { $id: 'PublicKeyRegistered' })

export const KeysQuery = Type.Object({ organization_id: Type.Optional(Id) }, { $id: 'KeysQuery', additionalProperties: false })
export const KeysAnswer = Type.Object({ keys: Type.Array(Type.Ref('Key')) }, { $id: 'KeysAnswer' })

const GRACE_SECONDS_MAX = 30 * 86_400

const grace = {
  grace_hours: Type.Optional(
    Type.Number({ minimum: 0, maximum: GRACE_SECONDS_MAX / 3_600, description: 'How long the old secret still works. Default: 24.' }),
  ),
  grace_seconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: GRACE_SECONDS_MAX,
      description: 'The same in seconds. 0 in an emergency: the old secret ends now.',
    }),
  ),
} satisfies TProperties

export const KeyRotate = Type.Object({ key_id: Id, ...grace }, { $id: 'KeyRotate', additionalProperties: false })

export const KeyRotated = Type.Object(
  {
    key: Type.Ref('Key'),
    secret: Type.String({ description: 'Shown once; only its SHA-256 is kept.' }),
    replaces: Type.Ref('Key', { description: 'The old key; it works until its `expires_at`.' }),
  },
  { $id: 'KeyRotated' },
)

export const KeysRotate = Type.Object(
  {
    organization_id: Type.Optional(Nullable(Id)),
    agents: Type.Optional(
      Nullable(Type.Array(Name, { minItems: 1, maxItems: 1_000, description: 'Only the keys of these agents. Default: every key.' })),
    ),
    ...grace,
  },
  {
    $id: 'KeysRotate',
    additionalProperties: false,
    description: 'All keys with a secret that work now, the one that asks included.',
  },
)

export const KeysRotated = Type.Object(
  {
    organization_id: Type.String(),
    rotated: Type.Array(KeyRotated, { description: 'Each new secret, shown once.' }),
    shortened: Type.Array(Type.Ref('Key'), {
      description: 'Keys that were replaced earlier and still worked: they end with this grace period.',
    }),
    signing: Type.Array(Type.Ref('Key'), { description: 'Keys that sign work as before: register others and revoke these.' }),
    failed: Type.Array(
      Type.Object({
        key_id: Nullable(Type.String({ description: 'Null: the agent has no key that works.' })),
        name: Nullable(Type.String()),
        agent: Nullable(Type.String()),
        code: Type.String(),
        detail: Type.String(),
      }),
      { description: 'What was not rotated, and why; it works as before.' },
    ),
  },
  { $id: 'KeysRotated' },
)

export const KeyRevoke = Type.Object({ key_id: Id }, { $id: 'KeyRevoke', additionalProperties: false })
export const KeyRevoked = Type.Object({ key: Type.Ref('Key') }, { $id: 'KeyRevoked' })

export type KeyAnswer = Static<typeof KeyAnswer>
export type KeyCreate = Static<typeof KeyCreate>
export interface KeyCreated {
  readonly key: KeyAnswer
  readonly secret: string
  readonly admin_secret?: string
}
export type PublicKeyRegistered = Omit<KeyCreated, 'secret'>
export interface KeysAnswer {
  readonly keys: readonly KeyAnswer[]
}
export interface KeyRotated {
  readonly key: KeyAnswer
  readonly secret: string
  readonly replaces: KeyAnswer
}
export interface KeysRotated extends Pick<Static<typeof KeysRotated>, 'organization_id' | 'failed'> {
  readonly rotated: KeyRotated[]
  readonly shortened: KeyAnswer[]
  readonly signing: KeyAnswer[]
}
export interface KeyRevoked {
  readonly key: KeyAnswer
}
