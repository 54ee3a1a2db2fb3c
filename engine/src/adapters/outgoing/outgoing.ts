import type { Outgoing } from '../../alerts/index.ts'
import type { Millis } from '../../kernel/index.ts'
import type { Resolve } from './guard.ts'
import { mailer, type SmtpAccount } from './mail.ts'
import { poster } from './post.ts'
import { targetObstacle } from './target.ts'

export interface OutgoingOptions {
  readonly now: () => Millis
  /** How long one attempt may take. */
  readonly withinMs: number
  /** Whether this machine itself may be a target. */
  readonly loopback: () => boolean
  readonly smtp: SmtpAccount | null
  /** In place of the system's names: for tests. */
  readonly resolve?: Resolve
}

/** The way out: posts through the guard against private addresses, mail through the operator's server. */
export function outgoing(options: OutgoingOptions): Outgoing & { close(): Promise<void> } {
  const { now, withinMs, loopback, smtp, resolve } = options
  const reach = { loopback, mail: smtp !== null }
  const posts = poster({ reach, withinMs, now, ...(resolve === undefined ? {} : { resolve }) })
  const mails = smtp === null ? null : mailer(smtp, withinMs)
  return {
    obstacle: (channel, url) => targetObstacle(reach, channel, url),
    async send(message) {
      if (message.kind === 'mail') {
        return mails === null ? { code: null, error: 'this server sends no mail', retryAfterMs: null } : mails.mail(message)
      }
      // Asked again with every attempt: what was allowed when it was registered may not be now.
      const obstacle = targetObstacle(reach, 'webhook', message.url)
      return obstacle === null ? posts.post(message) : { code: null, error: `not sent: ${obstacle}`, retryAfterMs: null }
    },
    async close() {
      mails?.close()
      await posts.close()
    },
  }
}
