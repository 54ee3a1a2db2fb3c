import type { KeyAnswer } from '@purser/contract'
import { formatInstant, type Millis } from '../../../kernel/index.ts'
import { type KeyRecord, keyState } from '../../../ledger/index.ts'
import { timeText } from '../../wire/measures-answer.ts'

/** A key as its organization sees it: all but the secret. When it was last used is no part of what changes of it are audited with. */
export function keyAnswer(key: KeyRecord, now: Millis, lastUsedAt: Millis | null = null): KeyAnswer {
  return {
    id: key.id,
    organization_id: key.organization,
    name: key.name,
    kind: key.publicKey === null ? 'secret' : 'signature',
    prefix: key.prefix,
    public_key: key.publicKey === null ? null : { kty: 'OKP', crv: 'Ed25519', x: key.publicKey },
    agent: key.agent,
    operations: key.operations === null ? null : [...key.operations],
    team: key.team,
    project: key.project,
    cost_center: key.costCenter,
    created_at: formatInstant(key.createdAt),
    expires_at: timeText(key.expiresAt),
    revoked_at: timeText(key.revokedAt),
    replaced_by: key.replacedBy,
    last_used_at: timeText(lastUsedAt),
    status: keyState(key, now),
  }
}
