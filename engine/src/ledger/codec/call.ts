import type { CallRecord } from '../records.ts'
import { decodeAttribution, encodeAttribution } from './attribution.ts'
import { decodeCharge, encodeCharge } from './charge.ts'
import { arrayOf, type Json, nullableNumber, nullableText, numberOf, textOf } from './json.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

/** Thirteen positions, then the nine of the attribution. */
export function encodeCall(call: CallRecord): Json {
  const values: Json[] = [
    call.id,
    call.run,
    call.parentCall,
    call.key,
    call.at,
    call.atGiven ? 1 : 0,
    call.latencyMs,
    call.success ? 1 : 0,
    call.errorCode,
    call.fingerprint,
    call.source,
    encodeUsage(call.usage, call.at),
    encodeCharge(call.charge),
  ]
  values.push(...encodeAttribution(call))
  return values
}

export function decodeCall(values: readonly Json[]): CallRecord {
  const [id, run, parentCall, key, at, atGiven, latencyMs, success, errorCode, fingerprint, source, usage, charge] = values
  return {
    id: textOf(id),
    run: nullableText(run),
    parentCall: nullableText(parentCall),
    key: nullableText(key),
    at: numberOf(at),
    atGiven: atGiven === 1,
    latencyMs: nullableNumber(latencyMs),
    success: success === 1,
    errorCode: nullableText(errorCode),
    fingerprint: nullableText(fingerprint),
    source: textOf(source),
    usage: decodeUsage(usage, numberOf(at)),
    charge: decodeCharge(arrayOf(charge)),
    ...decodeAttribution(values, 13),
  }
}
