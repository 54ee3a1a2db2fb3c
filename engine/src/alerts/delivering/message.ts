import { Webhook as Signer } from 'standardwebhooks'
import { formatInstant, type Millis } from '../../kernel/index.ts'
import type { Message } from '../ports.ts'
import type { Alert, Facts, Webhook } from '../records.ts'
import { secretsAt } from './secret.ts'

/** What is sent of an alert. The body stays the same however often it is sent; time and signature are those of the attempt. */
export function messageOf(alert: Alert, webhook: Webhook, now: Millis): Message {
  const { channel, url } = webhook
  if (channel === 'email')
    return { kind: 'mail', to: url.slice('mailto:'.length), id: alert.id, subject: alert.title, text: mailText(alert) }
  if (channel === 'slack') return { kind: 'post', url, headers: { 'content-type': 'application/json' }, body: slackBody(alert) }
  const body = webhookBody(alert)
  return { kind: 'post', url, headers: { 'content-type': 'application/json', ...signatureOf(alert.id, body, webhook, now) }, body }
}

/**
 * Standard Webhooks 1.0: `{type, timestamp, data}`. Beside them stand the fields that receivers of budget alerts read at the top:
 * `agent_id`, `threshold_pct`, `spent_pct`, `remaining_budget`.
 */
function webhookBody({ id, type, at, title, text, facts }: Alert): string {
  const data = { alert_id: id, ...facts, title, text }
  return JSON.stringify({ type, timestamp: formatInstant(at), data, ...topLevel(facts) })
}

function topLevel(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(TOP_LEVEL).flatMap(([field, fact]) => (facts[fact] === undefined ? [] : [[field, facts[fact]]])))
}

const TOP_LEVEL = {
  agent_id: 'agent_id',
  threshold_pct: 'threshold_pct',
  spent_pct: 'spent_pct',
  remaining_budget: 'remaining_usd',
} as const

/** `webhook-id` is the alert's: the same for every attempt, so that a receiver knows a message that it has had. Signed with each secret that holds. */
function signatureOf(id: string, body: string, webhook: Webhook, now: Millis): Record<string, string> {
  const time = new Date(now)
  const signatures = secretsAt(webhook, now).map((secret) => new Signer(secret).sign(id, time, body))
  return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(now / 1000)), 'webhook-signature': signatures.join(' ') }
}

/** Slack's incoming webhooks, and what speaks like them. */
function slackBody({ title, text, type, at }: Alert): string {
  const section = (markdown: string) => ({ type: 'section', text: { type: 'mrkdwn', text: markdown } })
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: `${type} at ${formatInstant(at)}` }] }
  const [heading, words] = [slackText(title), slackText(text)]
  return JSON.stringify({ text: `${heading}. ${words}`, blocks: [section(`*${heading}*\n${words}`), context] })
}

/** Slack reads these three as markup: a name must not call a channel or make a link. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function mailText({ title, text, type, at, facts, id }: Alert): string {
  const lines = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [`${title}.`, '', text, '', `event: ${type}`, `time: ${formatInstant(at)}`, `alert_id: ${id}`, ...lines, ''].join('\n')
}
