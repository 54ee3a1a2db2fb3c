import { assert, type Millis, type RandomBytes } from '../../kernel/index.ts'
import type { Webhook } from '../records.ts'

const MARK = 'whsec_'
const SECRET_BYTES = 32
const OVERLAP_MS = 24 * 3_600_000

/** A symmetric secret in the form of Standard Webhooks: `whsec_` and 256 random bits in base64. */
export function newWebhookSecret(randomBytes: RandomBytes): string {
  const bytes = randomBytes(SECRET_BYTES)
  assert(bytes.length === SECRET_BYTES, 'a secret has 256 random bits')
  return `${MARK}${Buffer.from(bytes).toString('base64')}`
}

/** The new secret signs from now on; the old one beside it for a day, so that a receiver can be changed without losing a message. */
export function rotated(webhook: Webhook, secret: string, now: Millis): Webhook {
  return { ...webhook, secret, previous: { secret: webhook.secret, until: now + OVERLAP_MS }, updatedAt: now }
}

/** The secrets that sign at a time, the current one first. */
export function secretsAt({ secret, previous }: Webhook, now: Millis): readonly string[] {
  return previous !== null && now < previous.until ? [secret, previous.secret] : [secret]
}
