import protobuf from 'protobufjs/minimal.js'
import { ERRORS, LIMITS, type Refusal } from '../../kernel/index.ts'
import { withoutSecrets } from '../../ledger/index.ts'
import type { OtlpSignal, Taken } from './door.ts'

export const PROTOBUF = 'application/x-protobuf'
export const JSON_TYPE = 'application/json'
export type Encoding = typeof PROTOBUF | typeof JSON_TYPE

/** What goes back to the exporter. */
export interface OtlpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const REJECTED: Readonly<Record<OtlpSignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
}

/** `Export…ServiceResponse`, in the encoding of the request. All three signals have the same fields under the same numbers. */
export function taken(signal: OtlpSignal, encoding: Encoding, { rejected, reasons }: Taken): OtlpAnswer {
  const message = reasons.join('; ')
  if (encoding === JSON_TYPE) {
    return json(200, rejected === 0 ? {} : { partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: message } })
  }
  if (rejected === 0) return answer(200, encoding, Buffer.alloc(0))
  const writer = protobuf.Writer.create()
  writer.uint32(10).fork().uint32(8).int64(rejected).uint32(18).string(message).ldelim()
  return answer(200, encoding, Buffer.from(writer.finish()))
}

/** Codes of gRPC, by which `google.rpc.Status` says what kind of error it is. */
const GRPC_CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 413: 3, 415: 3, 429: 8, 500: 13, 503: 14 }
const GRPC_UNKNOWN = 2

/** A `google.rpc.Status`. Of the statuses only 503 (and 429) may be tried again by an exporter, so whatever may pass later is one. */
export function refused(encoding: Encoding, { code, detail }: Refusal): OtlpAnswer {
  const { retryable, status: own } = ERRORS[code]
  const status = retryable ? 503 : own
  const message = withoutSecrets(`${code}: ${detail}`)
  const headers: Record<string, string> = {}
  if (status === 503) headers['retry-after'] = String(LIMITS.telemetryRetrySeconds)
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="purser"'
  const grpc = GRPC_CODES[status] ?? GRPC_UNKNOWN
  if (encoding === JSON_TYPE) return json(status, { code: grpc, message }, headers)
  const writer = protobuf.Writer.create().uint32(8).int32(grpc).uint32(18).string(message)
  return answer(status, encoding, Buffer.from(writer.finish()), headers)
}

function json(status: number, value: object, headers: Readonly<Record<string, string>> = {}): OtlpAnswer {
  return answer(status, JSON_TYPE, Buffer.from(JSON.stringify(value)), headers)
}

function answer(status: number, type: Encoding, body: Buffer, headers: Readonly<Record<string, string>> = {}): OtlpAnswer {
  return { status, headers: { ...headers, 'content-type': type }, body }
}
