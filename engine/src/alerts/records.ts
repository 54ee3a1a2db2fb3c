import type { Millis } from '../kernel/index.ts'

/** What can be subscribed to. Names are dot-delimited, as Standard Webhooks asks for. */
export const EVENT_TYPES = [
  'budget.threshold',
  'budget.exhausted',
  'breaker.opened',
  'agent.paused',
  'agent.stopped',
  'agent.resumed',
  'anomaly.found',
  'webhook.disabled',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** In the events of a subscription: all of them, also those that come later. */
export const EVERY_EVENT = '*'

/** What an alert says in names and values, spelled as on the wire. Amounts are decimal text. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

/** Something that happened and that somebody should know. Told once: its id is made of where it comes from. */
export interface Alert {
  readonly organization: string
  readonly id: string
  /** `ping` is made by the test button alone. */
  readonly type: EventType | 'ping'
  readonly at: Millis
  /** The agent that it is about; null when it is about something else. */
  readonly agent: string | null
  /** Of a threshold that was reached: whole percent. */
  readonly thresholdPct: number | null
  /** A threshold that the budget does not have: only who listens for it is told. */
  readonly watched: boolean
  /** One line for people, and what they need to know. */
  readonly title: string
  readonly text: string
  readonly facts: Facts
}

export const CHANNELS = ['webhook', 'slack', 'email'] as const
/** How it is told: a signed POST, a POST that Slack and its like understand, a mail. */
export type Channel = (typeof CHANNELS)[number]

/** Who wants to be told what, and where. */
export interface Webhook {
  readonly organization: string
  readonly id: string
  readonly channel: Channel
  /** `https:`, or `mailto:` for mail. */
  readonly url: string
  /** Null: whatever it is about. */
  readonly agent: string | null
  /** Event types, or `EVERY_EVENT`. */
  readonly events: readonly string[]
  /** The one threshold it wants to be told, in percent; null: those of the budgets themselves. */
  readonly thresholdPct: number | null
  /** `whsec_` and 256 random bits in base64. Kept in clear, because every message is signed with it. */
  readonly secret: string
  /** After a rotation both sign, for a time. */
  readonly previous: { readonly secret: string; readonly until: Millis } | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
  /** Null while it is active. */
  readonly disabled: { readonly at: Millis; readonly reason: string } | null
  /** Since when every attempt has failed; null when the last one did not. */
  readonly failingSince: Millis | null
  /** Deliveries in a row that were given up. */
  readonly givenUp: number
}

/** One alert on its way to one webhook. */
export interface Delivery {
  readonly organization: string
  readonly id: string
  readonly webhook: string
  readonly alert: string
  readonly state: 'waiting' | 'delivered' | 'failed'
  /** Attempts in all, and since it was last begun or replayed. */
  readonly attempts: number
  readonly round: number
  /** When it is tried next; set while it waits and at no other time. */
  readonly dueAt: Millis | null
  readonly createdAt: Millis
}

/** One try of a delivery. */
export interface Attempt {
  readonly organization: string
  readonly webhook: string
  readonly delivery: string
  readonly alert: string
  readonly type: Alert['type']
  /** From 1. */
  readonly number: number
  readonly at: Millis
  readonly status: 'delivered' | 'retrying' | 'failed'
  /** Status of HTTP or reply of SMTP; null when none came. */
  readonly code: number | null
  readonly error: string | null
  readonly durationMs: number
  /** When it is tried again; null when it is not. */
  readonly nextAt: Millis | null
}
