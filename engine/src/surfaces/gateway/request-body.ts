import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { fail, LIMITS, ok, type Result, refusal } from '../../kernel/index.ts'

/** What a request holds: its bytes as they are sent on, and what can be read of them. */
export interface RequestBody {
  readonly bytes: Buffer
  /** The text of a JSON body; null for anything else. */
  readonly text: string | null
  /** The JSON value, or the plain fields of a form; undefined where nothing can be read. */
  readonly value: unknown
}

/** Reads a body whole, within its limit. Refuses one that is too long, or that breaks off. */
export async function readBody(payload: Readable, headers: IncomingHttpHeaders): Promise<Result<RequestBody>> {
  if (Number(headers['content-length']) > LIMITS.gatewayBodyBytesMax) return fail(TOO_LARGE)
  const whole = await bytesOf(payload)
  return whole.ok ? ok(await parsedBody(whole.value, headers['content-type'] ?? '')) : whole
}

function bytesOf(payload: Readable): Promise<Result<Buffer>> {
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve) => {
    if (payload.destroyed) resolve(fail(BREAKS_OFF))
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= LIMITS.gatewayBodyBytesMax) {
        chunks.push(chunk)
        return
      }
      // The rest is read and not kept, so that the refusal gets to a client that is still sending.
      chunks.length = 0
      resolve(fail(TOO_LARGE))
    })
    payload.on('end', () => {
      const [first] = chunks
      resolve(ok(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)))
    })
    payload.on('error', () => resolve(fail(BREAKS_OFF)))
    // Without an end or an error before it: its client left.
    payload.on('close', () => resolve(fail(BREAKS_OFF)))
  })
}

const BREAKS_OFF = refusal('invalid_json', 'the body breaks off')

const TOO_LARGE = refusal('too_large', `a body has at most ${LIMITS.gatewayBodyBytesMax} bytes`, {
  facts: { limit_bytes: LIMITS.gatewayBodyBytesMax },
})

async function parsedBody(bytes: Buffer, type: string): Promise<RequestBody> {
  if (type.startsWith('multipart/form-data')) return { bytes, text: null, value: await formFields(bytes, type) }
  const text = bytes.toString('utf8')
  try {
    return { bytes, text, value: JSON.parse(text) }
  } catch {
    return { bytes, text: null, value: undefined }
  }
}

/** The fields of a form that are text: a recording or a picture is sent on and not looked at. */
async function formFields(bytes: Buffer, type: string): Promise<unknown> {
  try {
    const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
    const fields: [string, unknown][] = []
    form.forEach((value, name) => {
      if (typeof value === 'string') fields.push([name, /^\d{1,15}$/.test(value) ? Number(value) : value])
    })
    return Object.fromEntries(fields)
  } catch {
    return undefined
  }
}
