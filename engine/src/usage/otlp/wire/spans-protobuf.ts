import { newFacts } from '../facts.ts'
import { readAttribute } from './attributes.ts'
import { eachScope, readEmitted } from './envelope-protobuf.ts'
import { fixedMicros, idOf, messageEnd, type Reader, readMessage, skip, tooLong } from './message.ts'
import type { Emitter, LogRecord, SpanRecord } from './records.ts'

/** An `ExportTraceServiceRequest` of opentelemetry-proto 1.x. */
export function spansOfProtobuf(bytes: Buffer): SpanRecord[] {
  return readEmitted(bytes, (reader, end, out: SpanRecord[]) =>
    eachScope(reader, end, (emitter, item) => out.push(readSpan(reader, item, emitter))),
  )
}

function readSpan(reader: Reader, end: number, emitter: Emitter): SpanRecord {
  let traceId: string | null = null
  let spanId: string | null = null
  let parentId: string | null = null
  let name = ''
  let startUs = 0
  let endUs = 0
  let failed = false
  const facts = newFacts()
  while (reader.pos < end) {
    const tag = reader.uint32()
    switch (tag) {
      case 10:
        traceId = idOf(reader, end, 16)
        break
      case 18:
        spanId = idOf(reader, end, 8)
        break
      case 34:
        parentId = idOf(reader, end, 8)
        break
      case 42:
        name = reader.string()
        break
      case 57:
        startUs = fixedMicros(reader)
        break
      case 65:
        endUs = fixedMicros(reader)
        break
      case 74:
        readAttribute(reader, end, facts)
        break
      case 122:
        failed = readFailed(reader, messageEnd(reader, end))
        break
      default:
        skip(reader, tag & 7)
    }
  }
  if (reader.pos !== end) throw tooLong()
  return { emitter, traceId, spanId, parentId, name, startUs, endUs, failed, facts }
}

const STATUS_ERROR = 2

function readFailed(reader: Reader, end: number): boolean {
  let code = 0
  readMessage(reader, end, (tag) => {
    if (tag !== 24) return false
    code = reader.uint32()
    return true
  })
  return code === STATUS_ERROR
}

/** An `ExportLogsServiceRequest`. Bodies of records are not read: they hold prompts. */
export function logsOfProtobuf(bytes: Buffer): LogRecord[] {
  return readEmitted(bytes, (reader, end, out: LogRecord[]) =>
    eachScope(reader, end, (emitter, item) => out.push(readLog(reader, item, emitter))),
  )
}

function readLog(reader: Reader, end: number, emitter: Emitter): LogRecord {
  let traceId: string | null = null
  let spanId: string | null = null
  let eventName = ''
  let timeUs = 0
  let observedUs = 0
  const facts = newFacts()
  readMessage(reader, end, (tag) => {
    if (tag === 9) timeUs = fixedMicros(reader)
    else if (tag === 89) observedUs = fixedMicros(reader)
    else if (tag === 50) readAttribute(reader, end, facts)
    else if (tag === 74) traceId = idOf(reader, end, 16)
    else if (tag === 82) spanId = idOf(reader, end, 8)
    else if (tag === 98) eventName = reader.string()
    else return false
    return true
  })
  return { emitter, traceId, spanId, eventName, timeUs: timeUs === 0 ? observedUs : timeUs, facts }
}
