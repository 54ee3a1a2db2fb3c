import { Readable } from 'node:stream'
import type { OtlpSignal } from '@purser/contract'
import { type Caller, type Services, telemetryReceiver } from '../../engine/src/operations/index.ts'
import { createOtlpDoor, type OtlpAnswer } from '../../engine/src/surfaces/otlp/index.ts'

const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/x-protobuf'

export interface Sent {
  readonly signal: OtlpSignal
  readonly body: Uint8Array | object
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly contentLength?: string
}

/** The door without a network: every test of what a payload comes to sends through it. */
export function doorOf(services: Services, bytesMax?: number): (caller: Caller, sent: Sent) => Promise<OtlpAnswer> {
  const door = createOtlpDoor(telemetryReceiver(services), services.keyring, bytesMax)
  return (caller, { signal, body, contentType, contentEncoding, contentLength }) => {
    const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    return door.take(
      {
        signal,
        contentType: contentType ?? (body instanceof Uint8Array ? PROTOBUF : JSON_TYPE),
        contentEncoding,
        contentLength,
        body: Readable.from([Buffer.from(bytes)]),
      },
      caller,
    )
  }
}
