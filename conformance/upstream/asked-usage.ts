import type { Cassette } from './cassette.ts'
import { requestOf, responseBytes } from './cassette.ts'

/**
 * What the provider would have sent to this request. A chat stream has its usage only where the request asked for it (`stream_options.include_usage`):
 * the events before the last then carry `"usage":null` as well. One that was recorded without is sent as it is, as by a provider that does not know the option.
 */
export function bytesAsAsked(cassette: Cassette, asked: Readonly<Record<string, unknown>>): Buffer {
  const bytes = responseBytes(cassette)
  if (!asksUsage(requestOf(cassette)) || asksUsage(asked) || !cassette.url.includes('/chat/completions')) return bytes
  const events = bytes.toString('utf8').split('\n\n')
  return Buffer.from(events.flatMap(withoutUsage).join('\n\n'), 'utf8')
}

function asksUsage(request: Readonly<Record<string, unknown>>): boolean {
  const options = request.stream_options
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
}

function withoutUsage(event: string): string[] {
  if (!event.startsWith('data: {')) return [event]
  const { usage, ...rest } = JSON.parse(event.slice('data: '.length)) as { choices?: unknown[]; usage?: unknown }
  if (usage !== null && usage !== undefined && rest.choices?.length === 0) return []
  return [`data: ${JSON.stringify(rest)}`]
}
