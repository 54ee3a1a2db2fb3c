import protobuf from 'protobufjs/minimal.js'
import { UnreadableRequest } from './records.ts'

/** Reads the wire format of protocol buffers; a library does the bytes, and what nobody reads is passed over without an object being made of it. */
export type Reader = protobuf.Reader

export function readerOf(bytes: Buffer): Reader {
  return protobuf.Reader.create(bytes)
}

/**
 * Reads one message up to `end`: each field is handed over with its tag (`number << 3 | wire type`), and true means that it was read. What a
 * newer version of the format has added is passed over. Throws `UnreadableRequest` where the bytes are no such message.
 */
export function readMessage(reader: Reader, end: number, field: (tag: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (!field(tag)) skip(reader, tag & 7)
  }
  if (reader.pos !== end) throw tooLong()
}

export function tooLong(): UnreadableRequest {
  return new UnreadableRequest('a message is longer than it says')
}

/** The end of the message that begins here with its length. */
export function messageEnd(reader: Reader, limit: number): number {
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > limit) throw new UnreadableRequest('the body ends in the middle of a message')
  return end
}

/** Groups are not in use since proto3; a message with one is not of this format. */
export function skip(reader: Reader, wireType: number): void {
  if (wireType === 0) reader.skip()
  else if (wireType === 1) reader.skip(8)
  else if (wireType === 2) reader.skip(reader.uint32())
  else if (wireType === 5) reader.skip(4)
  else throw new UnreadableRequest(`the body is not of this format: wire type ${wireType}`)
}

/** A 64-bit integer as a number: exact up to 2^53, beyond it no counter is believed. */
export function int64(reader: Reader): number {
  const { buf, pos } = reader
  // One to four bytes, as nearly every counter: no object is made of them.
  for (let at = pos; at < pos + 4; at++) if ((buf[at] ?? SIGN) < SIGN) return reader.uint32()
  return numberOfLong(reader.int64())
}

/** Set on each byte of a number but the last. */
const SIGN = 128
const HIGH = 4_294_967_296

export function numberOfLong(value: number | { readonly high: number; readonly low: number }): number {
  return typeof value === 'number' ? value : value.high * HIGH + (value.low >>> 0)
}

/** Nanoseconds as microseconds: exact, where a number of nanoseconds would not be. */
export function fixedMicros(reader: Reader): number {
  const low = reader.fixed32()
  return microsOfNanos(reader.fixed32() * HIGH + low)
}

export function microsOfNanos(nanos: number): number {
  return Math.round(nanos / 1_000)
}

/** Nanoseconds as text. */
export function fixedText(reader: Reader): string {
  const low = reader.fixed32()
  return String((BigInt(reader.fixed32()) << 32n) | BigInt(low))
}

/** An id of so many bytes in hexadecimal; null where it has another length or is all zero, which the format calls invalid. */
export function idOf(reader: Reader, limit: number, bytes: number): string | null {
  const end = messageEnd(reader, limit)
  const start = reader.pos
  reader.pos = end
  if (end - start !== bytes) return null
  for (let at = start; at < end; at++) if (reader.buf[at] !== 0) return (reader.buf as Buffer).toString('hex', start, end)
  return null
}
