import { type AttributeValue, type Facts, type Taking, take, takingOf } from '../facts.ts'
import { int64, messageEnd, type Reader, readMessage, skip, tooLong } from './message.ts'

const KEY = 10
const VALUE = 18

/** One `KeyValue`: the value is decoded only where the table reads the key. Written out, because it is most of what decoding does. */
export function readAttribute(reader: Reader, limit: number, facts: Facts): void {
  const end = messageEnd(reader, limit)
  let taking: Taking | undefined
  let valueAt = -1
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag === KEY) {
      taking = takingOf(reader.string())
      if (taking === undefined) {
        reader.pos = end
        return
      }
    } else if (tag === VALUE) {
      valueAt = reader.pos
      reader.pos = messageEnd(reader, end)
    } else skip(reader, tag & 7)
  }
  if (reader.pos !== end) throw tooLong()
  if (taking === undefined || valueAt < 0) return
  reader.pos = valueAt
  const value = readValue(reader, messageEnd(reader, end), taking.charsMax)
  reader.pos = end
  if (value !== undefined) take(facts, taking, value)
}

/** Key and value as text, also of attributes that no row reads: what tells the series of a metric apart. */
export function readPlainAttribute(reader: Reader, limit: number): { key: string; value: AttributeValue | undefined } {
  const end = messageEnd(reader, limit)
  let key = ''
  let value: AttributeValue | undefined
  readMessage(reader, end, (tag) => {
    if (tag === KEY) key = reader.string()
    else if (tag === VALUE) value = readValue(reader, messageEnd(reader, end), PLAIN_CHARS_MAX)
    else return false
    return true
  })
  return { key, value }
}

const PLAIN_CHARS_MAX = 1_024
/** No character takes more bytes. */
const BYTES_PER_CHAR_MAX = 4

/** One `AnyValue`, if it is a scalar. Lists and maps are passed over as bytes, so that their depth costs nothing. */
function readValue(reader: Reader, end: number, charsMax: number): AttributeValue | undefined {
  let value: AttributeValue | undefined
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag === 10) value = readText(reader, end, charsMax)
    else if (tag === 16) value = reader.bool()
    else if (tag === 24) value = int64(reader)
    else if (tag === 33) value = reader.double()
    else skip(reader, tag & 7)
  }
  if (reader.pos !== end) throw tooLong()
  return value
}

/** A text, or as much of a very long one as can be of use. */
function readText(reader: Reader, limit: number, charsMax: number): string {
  const end = messageEnd(reader, limit)
  const start = reader.pos
  reader.pos = end
  const bytes = (charsMax + 1) * BYTES_PER_CHAR_MAX
  return (reader.buf as Buffer).toString('utf8', start, end - start > bytes ? start + bytes : end)
}
