import type { Readable } from 'node:stream'
import type { OtlpSignal } from '@purser/contract'
import { LIMITS, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import { secretsIn } from '../../ledger/index.ts'
import type { Caller, Keyring, Taken, TelemetryReceiver } from '../../operations/index.ts'
import {
  countsTokens,
  logsOfJson,
  logsOfProtobuf,
  metricsOfJson,
  metricsOfProtobuf,
  spansOfJson,
  spansOfProtobuf,
  UnreadableRequest,
} from '../../usage/index.ts'
import { type Encoding, JSON_TYPE, type OtlpAnswer, PROTOBUF, refused, taken } from './answer.ts'
import { type InFlight, inFlight, readBody } from './body.ts'

export type { OtlpSignal } from '@purser/contract'
export type { Taken } from '../../operations/index.ts'

/** A request as it came in: who sent it has been let in before. */
export interface OtlpRequest {
  readonly signal: OtlpSignal
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly contentLength: string | undefined
  readonly body: Readable | undefined
}

/** OpenTelemetry's protocol over HTTP: protobuf and JSON, answered in the encoding of the request. */
export interface OtlpDoor {
  take(request: OtlpRequest, caller: Caller): Promise<OtlpAnswer>
  /** Says no in the form of the protocol, for whoever refuses before the body is read. */
  refuse(contentType: string | undefined, why: Refusal): OtlpAnswer
}

export function createOtlpDoor(receiver: TelemetryReceiver, keyring: Pick<Keyring, 'isSecret'>, bytesMax?: number): OtlpDoor {
  const room = inFlight(bytesMax ?? LIMITS.telemetryBytesInFlightMax)
  return {
    refuse: (contentType, why) => refused(encodingOf(contentType) ?? JSON_TYPE, why),
    async take(request, caller) {
      const encoding = encodingOf(request.contentType)
      if (encoding === null && hasBody(request)) return refused(JSON_TYPE, WRONG_TYPE)
      return answerTo(request, encoding ?? JSON_TYPE, caller, { receiver, keyring, room })
    },
  }
}

const WRONG_TYPE = refusal('unsupported_media_type', `telemetry is sent as ${PROTOBUF} or ${JSON_TYPE}`)

function encodingOf(contentType: string | undefined): Encoding | null {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === PROTOBUF || type === JSON_TYPE ? type : null
}

function hasBody({ body, contentLength, contentType }: OtlpRequest): boolean {
  return contentType !== undefined || (body !== undefined && contentLength !== '0')
}

interface Behind {
  readonly receiver: TelemetryReceiver
  readonly keyring: Pick<Keyring, 'isSecret'>
  readonly room: InFlight
}

async function answerTo(request: OtlpRequest, encoding: Encoding, caller: Caller, behind: Behind): Promise<OtlpAnswer> {
  const declared = Math.max(0, Number(request.contentLength ?? 0)) || 0
  if (declared > LIMITS.telemetryBytesMax) return refused(encoding, tooLarge())
  const read = await readBody(request.body, { encoding: request.contentEncoding, declared }, behind.room)
  if (!read.ok) return refused(encoding, read.error)
  const { bytes, taken: held } = read.value
  try {
    const result = await receive(request.signal, encoding, withoutOwnSecrets(bytes, behind.keyring), caller, behind.receiver)
    return result.ok ? taken(request.signal, encoding, result.value) : refused(encoding, result.error)
  } catch (error) {
    if (error instanceof UnreadableRequest) return refused(encoding, refusal('invalid_field', error.message))
    throw error
  } finally {
    behind.room.give(held)
  }
}

function receive(
  signal: OtlpSignal,
  encoding: Encoding,
  bytes: Buffer,
  caller: Caller,
  receiver: TelemetryReceiver,
): Promise<Result<Taken>> {
  const json = encoding === JSON_TYPE
  if (bytes.length === 0 && json) return Promise.resolve({ ok: true, value: NOTHING })
  if (signal === 'traces') return receiver.spans(caller, json ? spansOfJson(bytes) : spansOfProtobuf(bytes))
  if (signal === 'logs') return receiver.events(caller, json ? logsOfJson(bytes) : logsOfProtobuf(bytes))
  return receiver.counters(caller, json ? metricsOfJson(bytes, countsTokens) : metricsOfProtobuf(bytes, countsTokens))
}

const NOTHING: Taken = { rejected: 0, reasons: [] }

/** Programs record headers, and a key of ours may be among them: its characters are struck out before anything is read. */
function withoutOwnSecrets(bytes: Buffer, keyring: Pick<Keyring, 'isSecret'>): Buffer {
  if (!bytes.includes(SECRET_BEGINS)) return bytes
  const found = new Set(secretsIn(bytes.toString('latin1')).filter((secret) => keyring.isSecret(secret)))
  for (const secret of found) {
    for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at)) bytes.fill('*', at, at + secret.length)
  }
  return bytes
}

const SECRET_BEGINS = 'finops_'

function tooLarge(): Refusal {
  return refusal('too_large', `a telemetry request has at most ${LIMITS.telemetryBytesMax} bytes`, {
    facts: { limit_bytes: LIMITS.telemetryBytesMax },
  })
}
