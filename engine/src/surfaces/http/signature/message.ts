import type { IncomingMessage } from 'node:http'
import type { FieldOccurrence } from 'http-message-sig'

/** What of a request can be signed, as it was received. */
export interface SignedMessage {
  readonly method: string
  /** As in the first line of the request: path and query. */
  readonly url: string
  readonly host: string
  readonly fields: readonly FieldOccurrence[]
}

export function messageOf({ method, url, headers, rawHeaders }: IncomingMessage): SignedMessage {
  const fields: FieldOccurrence[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    fields.push({ name: rawHeaders[index] ?? '', value: rawHeaders[index + 1] ?? '' })
  }
  return { method: method ?? '', url: url ?? '', host: headers.host ?? '', fields }
}
