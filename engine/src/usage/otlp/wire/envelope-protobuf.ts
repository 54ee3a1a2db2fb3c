import { type Facts, newFacts } from '../facts.ts'
import { readAttribute } from './attributes.ts'
import { messageEnd, type Reader, readerOf, readMessage } from './message.ts'
import { type Emitter, UnreadableRequest } from './records.ts'

const FIELD_1 = 10
const FIELD_2 = 18

/** The outermost message of each signal: a list of what resources emitted. Faults of the library become one of ours. */
export function readEmitted<T>(bytes: Buffer, resourceOf: (reader: Reader, end: number, out: T[]) => void): T[] {
  const reader = readerOf(bytes)
  const out: T[] = []
  try {
    readMessage(reader, bytes.length, (tag) => {
      if (tag !== FIELD_1) return false
      resourceOf(reader, messageEnd(reader, bytes.length), out)
      return true
    })
  } catch (error) {
    if (error instanceof UnreadableRequest) throw error
    throw new UnreadableRequest(error instanceof RangeError ? 'the body ends in the middle of a message' : 'the body is no such message')
  }
  return out
}

/** `ResourceSpans`, `ResourceLogs` and `ResourceMetrics` alike: a resource, then what each scope has emitted. The resource may come last. */
export function eachScope(reader: Reader, end: number, item: (emitter: Emitter, itemEnd: number) => void): void {
  const start = reader.pos
  let resource: Facts = newFacts()
  readMessage(reader, end, (tag) => {
    if (tag !== FIELD_1) return false
    resource = readResource(reader, messageEnd(reader, end))
    return true
  })
  reader.pos = start
  readMessage(reader, end, (tag) => {
    if (tag !== FIELD_2) return false
    readScope(reader, messageEnd(reader, end), resource, item)
    return true
  })
}

function readResource(reader: Reader, end: number): Facts {
  const facts = newFacts()
  readMessage(reader, end, (tag) => {
    if (tag !== FIELD_1) return false
    readAttribute(reader, end, facts)
    return true
  })
  return facts
}

function readScope(reader: Reader, end: number, resource: Facts, item: (emitter: Emitter, itemEnd: number) => void): void {
  const start = reader.pos
  let emitter: Emitter = { resource, scope: '', scopeVersion: '' }
  readMessage(reader, end, (tag) => {
    if (tag !== FIELD_1) return false
    emitter = readScopeName(reader, messageEnd(reader, end), resource)
    return true
  })
  reader.pos = start
  readMessage(reader, end, (tag) => {
    if (tag !== FIELD_2) return false
    const itemEnd = messageEnd(reader, end)
    item(emitter, itemEnd)
    reader.pos = itemEnd
    return true
  })
}

function readScopeName(reader: Reader, end: number, resource: Facts): Emitter {
  let scope = ''
  let scopeVersion = ''
  readMessage(reader, end, (tag) => {
    if (tag === FIELD_1) scope = reader.string()
    else if (tag === FIELD_2) scopeVersion = reader.string()
    else return false
    return true
  })
  return { resource, scope, scopeVersion }
}
