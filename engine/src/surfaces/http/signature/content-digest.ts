import { createHash, timingSafeEqual } from 'node:crypto'
import { isInnerList, parseDictionary } from 'structured-headers'
import { fail, ok, type Refusal, type Result, refusal } from '../../../kernel/index.ts'

/** What the body of a request must hash to, by each algorithm that was said and is known here. */
export type ContentDigest = ReadonlyMap<Algorithm, Uint8Array>

type Algorithm = 'sha-256' | 'sha-512'

const HASHES: Readonly<Record<Algorithm, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' }

/** Reads `Content-Digest` (RFC 9530). Algorithms that are not known are passed over; one that is known must be there. */
export function readContentDigest(header: string): Result<ContentDigest> {
  const digests = new Map<Algorithm, Uint8Array>()
  for (const [name, member] of membersOf(header)) {
    if (!isAlgorithm(name)) continue
    if (isInnerList(member) || !(member[0] instanceof ArrayBuffer)) return fail(refusal('invalid_signature', UNREADABLE))
    digests.set(name, new Uint8Array(member[0]))
  }
  return digests.size === 0 ? fail(refusal('invalid_signature', UNREADABLE)) : ok(digests)
}

/** Checks the bytes that were received: every digest must be theirs. Null when they are. */
export function wrongBody(expected: ContentDigest, body: Uint8Array): Refusal | null {
  for (const [algorithm, digest] of expected) {
    const received = createHash(HASHES[algorithm]).update(body).digest()
    if (received.length === digest.length && timingSafeEqual(received, digest)) continue
    return refusal('invalid_signature', `the body (${body.length} bytes) is not the one that was signed: its ${algorithm} is another`)
  }
  return null
}

const UNREADABLE = 'Content-Digest must give a sha-256 or sha-512 of the body as bytes, e.g. sha-256=:…:'

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(HASHES, name)
}

function membersOf(header: string): ReturnType<typeof parseDictionary> {
  try {
    return parseDictionary(header)
  } catch {
    return new Map()
  }
}
