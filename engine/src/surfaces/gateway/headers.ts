import type { IncomingHttpHeaders } from 'node:http'
import type { Upstream } from './upstreams.ts'

/** Headers of one connection (RFC 9110, 7.6.1), and what is made anew for the next one. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
])
const CREDENTIALS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const
/** What is meant for us, and what names people and teams: it is not the provider's. */
const OURS = /^(?:x-purser-|x-agent-id$|baggage$|x-forwarded-|forwarded$|cookie$|signature(?:-input|-agent)?$|content-digest$)/

/**
 * The headers of a request as they go to the provider: the client's, with the server's key in place of the client's. The client's own credential goes on only
 * where the server has none and it is no key of ours. An answer is asked for uncompressed, because it is read on its way.
 */
export function requestHeaders(
  headers: IncomingHttpHeaders,
  { key, keyHeader }: Pick<Upstream, 'key' | 'keyHeader'>,
  isOurs: (text: string) => boolean,
): Record<string, string | string[]> {
  const sent: Record<string, string | string[]> = {}
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_THE_CONNECTION.has(name) || named.has(name) || OURS.test(name)) continue
    if ((CREDENTIALS as readonly string[]).includes(name) && (key !== null || isOurs(String(value)))) continue
    sent[name] = value
  }
  if (key !== null) sent[keyHeader] = keyHeader === 'authorization' ? `Bearer ${key}` : key
  sent['accept-encoding'] = 'identity'
  return sent
}

/** Accounts of one provider. */
const ACCOUNTS = ['openai-organization', 'openai-project'] as const

/** What of a request's headers may go to another provider than the one it is for: credentials and accounts are for that one alone. */
export function headersForAnother(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = { ...headers }
  for (const name of [...CREDENTIALS, ...ACCOUNTS]) delete kept[name]
  return kept
}

/** The provider's headers as they go to the client. */
export function answerHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const answered: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !OF_THE_CONNECTION.has(name)) answered[name] = value
  }
  return answered
}

/** Whether an answer comes in pieces that are of use by themselves. */
export function isStream(headers: IncomingHttpHeaders): boolean {
  return /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream|application\/x-ndjson|application\/jsonl)/i.test(
    headers['content-type'] ?? '',
  )
}

/** What load balancers, captive portals and wrong addresses answer. */
export function isPage(headers: IncomingHttpHeaders): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '')
}
