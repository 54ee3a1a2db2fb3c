import type { Millis } from '../kernel/index.ts'
import type { AuditDraft } from '../ledger/index.ts'
import type { Alert, Attempt, Delivery, Webhook } from './records.ts'

/** Alerts that are told, and to whom. */
export interface Told {
  readonly alerts: readonly Alert[]
  readonly deliveries: readonly Delivery[]
}

/** What one attempt changes. */
export interface Settlement extends Told {
  readonly delivery: Delivery
  readonly attempt: Attempt
  /** Null: as it was. */
  readonly webhook: Webhook | null
}

/** A delivery that is being tried: nobody else takes it before `until`. */
export interface Claimed {
  readonly delivery: Delivery
  readonly alert: Alert
  readonly webhook: Webhook
}

/** How deliveries stand, over all organizations. */
export interface Backlog {
  readonly waiting: number
  /** When the longest waiting one was begun; null when none waits. */
  readonly oldestAt: Millis | null
  readonly failing: number
  readonly disabled: number
}

/** A change of a webhook and who made it. */
export interface WebhookChange {
  readonly webhook: Webhook
  readonly audit: AuditDraft
}

export interface Target {
  readonly organization: string
  readonly webhook: string
}

/**
 * Where alerts, webhooks and deliveries live. Every method that writes is one durable transaction. The organization is first in every key.
 * Any number of nodes may follow and deliver beside each other.
 */
export interface AlertStore {
  /** Up to which entry the journal has been followed. */
  watermark(): Promise<number>
  /**
   * Moves the watermark from `from` to `through` and writes what `tell` makes of the webhooks of the organizations, all together. False, with
   * nothing written, when the watermark is not at `from` any more: another node was first.
   */
  follow(
    step: { readonly from: number; readonly through: number; readonly organizations: readonly string[] },
    tell: (webhooks: readonly Webhook[]) => Told,
  ): Promise<boolean>
  /** Writes alerts and deliveries that do not come from the journal. What is there already stays as it is. */
  tell(told: Told): Promise<void>
  /** Newest first; `before` is the id of the alert to go on after. Pings are not among them. */
  alerts(organization: string | null, limit: number, before: string | null): Promise<Alert[]>

  addWebhook(change: WebhookChange): Promise<void>
  /** Changes a webhook as it stands, or leaves it when `change` gives null. Gives it back as it then is; null when there is none. */
  changeWebhook(organization: string, id: string, change: (webhook: Webhook) => WebhookChange | null): Promise<Webhook | null>
  /** With its deliveries and their log. False when there was none. */
  removeWebhook(organization: string, id: string, audit: AuditDraft): Promise<boolean>
  /** In the order of their creation. */
  webhooks(organization: string | null): Promise<Webhook[]>
  /** Null in `organization`: in any of them. */
  webhook(organization: string | null, id: string): Promise<Webhook | null>

  /** Webhooks that something is due for. */
  dueTargets(now: Millis): Promise<Target[]>
  /** The deliveries of a webhook that have been due the longest, moved to `until` so that no other node takes them meanwhile. */
  claim(target: Target, limit: number, now: Millis, until: Millis): Promise<Claimed[]>
  /** When the next delivery is due; null when none waits. */
  nextDue(): Promise<Millis | null>
  /**
   * Writes what became of an attempt: `settle` is given the rows as they stand and all webhooks of the organization. When it disables the
   * webhook, what still waits for it is failed. Nothing, and null, when the webhook or the delivery is gone.
   */
  settle(
    delivery: Pick<Delivery, 'organization' | 'id'>,
    settle: (delivery: Delivery, webhook: Webhook, all: readonly Webhook[]) => Settlement,
  ): Promise<Settlement | null>
  /** Begins a delivery anew, due at once, unless it waits already. Null when there is none. */
  replay(target: Target, delivery: string, now: Millis): Promise<Delivery | null>
  /** Newest first. */
  attempts(target: Target, limit: number): Promise<Attempt[]>
  backlog(): Promise<Backlog>
  /** Removes alerts from before a time, with deliveries that have ended and their attempts. */
  prune(before: Millis): Promise<void>
}

/** What goes out. */
export type Message =
  | { readonly kind: 'post'; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'mail'; readonly to: string; readonly id: string; readonly subject: string; readonly text: string }

/** What came back. `error` is null exactly when it was taken. */
export interface Sent {
  readonly code: number | null
  readonly error: string | null
  /** How long the other side asks to be left alone. */
  readonly retryAfterMs: number | null
}

/** The way out of this machine. Never throws. */
export interface Outgoing {
  send(message: Message): Promise<Sent>
  /** Why nothing can be sent to an address, in words for its owner; null when it can. */
  obstacle(channel: Webhook['channel'], url: string): string | null
}
