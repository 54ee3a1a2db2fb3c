import {
  KeyCreate,
  KeyCreated,
  KeyRevoke,
  KeyRevoked,
  KeyRotate,
  KeyRotated,
  KeysAnswer,
  KeysQuery,
  KeysRotate,
  KeysRotated,
  PublicKeyRegister,
  PublicKeyRegistered,
} from '../keys.ts'
import { endpoint } from './endpoint.ts'

const family = 'Keys'

export const createKey = endpoint({
  operation: 'create_key',
  method: 'POST',
  path: '/v1/finops/keys',
  input: KeyCreate,
  answer: KeyCreated,
  permission: 'manage',
  family,
  status: 201,
  summary: 'Make a key of an organization',
  example: { input: { name: 'report service', organization_id: 'org_789', operations: ['report'] } },
})

export const registerPublicKey = endpoint({
  operation: 'register_public_key',
  method: 'POST',
  path: '/v1/finops/keys/public',
  input: PublicKeyRegister,
  answer: PublicKeyRegistered,
  permission: 'manage',
  family,
  status: 201,
  summary: 'Register the public key of an agent that signs its requests',
  description:
    'The agent then sends no secret: it signs @method, @target-uri (or @authority, @path and @query), content-digest where there is a body, and ' +
    'idempotency-key where there is one (RFC 9421, RFC 9530), with created, nonce, keyid (the id of this key) and alg="ed25519".',
  example: {
    input: {
      name: 'researcher',
      agent: 'researcher',
      public_key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    },
  },
})

export const listKeys = endpoint({
  operation: 'list_keys',
  method: 'GET',
  path: '/v1/finops/keys',
  input: KeysQuery,
  answer: KeysAnswer,
  permission: 'manage',
  family,
  summary: 'List keys, without their secrets, with when each was last used',
  example: { input: {} },
})

export const rotateKey = endpoint({
  operation: 'rotate_key',
  method: 'POST',
  path: '/v1/finops/keys/{key_id}/rotate',
  input: KeyRotate,
  answer: KeyRotated,
  permission: 'manage',
  family,
  summary: 'Replace a key; the old one works for a grace period',
  example: { input: { key_id: 'key_1', grace_hours: 1 } },
})

export const rotateKeys = endpoint({
  operation: 'rotate_keys',
  method: 'POST',
  path: '/v1/finops/keys/rotate',
  input: KeysRotate,
  answer: KeysRotated,
  permission: 'manage',
  family,
  summary: 'Replace all keys of an organization or of some of its agents',
  example: { input: { organization_id: 'org_789', grace_seconds: 0 } },
})

export const revokeKey = endpoint({
  operation: 'revoke_key',
  method: 'POST',
  path: '/v1/finops/keys/{key_id}/revoke',
  input: KeyRevoke,
  answer: KeyRevoked,
  permission: 'manage',
  family,
  summary: 'Revoke a key at once',
  example: { input: { key_id: 'key_1' } },
})

export const KEYS = [createKey, registerPublicKey, listKeys, rotateKey, rotateKeys, revokeKey] as const
