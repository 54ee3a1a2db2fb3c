import { objectOf } from '../redact.ts'

/** What became of a call that failed, without the error's message: that may quote the prompt. */
export interface Failure {
  readonly code: string
  /** Whether the provider is known to have done no work, if nothing was delivered before: it answered with an error, or was never reached. */
  readonly isFree: boolean
}

const CODE = /^[A-Za-z0-9_.:-]{1,100}$/
const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED'])

/** The most telling code of an error: the provider's own, else the status, else the network's, else the error's name. */
export function failureOf(error: unknown): Failure {
  const source = objectOf(error)
  if (source === null) return { code: 'error', isFree: false }
  const status = typeof source.status === 'number' && source.status >= 400 ? source.status : null
  const network = networkCode(source)
  const body = objectOf(source.error)
  const stated = [source.code, source.type, objectOf(body?.error)?.type, body?.code, body?.type].find(isCode)
  const name = nameOf(source)
  const code = stated ?? (status === null ? (network ?? name) : `http_${status}`)
  return { code, isFree: status !== null || body !== null || (network !== null && NOT_REACHED.has(network)) }
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && CODE.test(value) && value !== 'error'
}

/** The code of the system error at the bottom: SDKs wrap it in one or two of their own. */
function networkCode(error: Record<string, unknown>): string | null {
  let cause: Record<string, unknown> | null = error
  for (let depth = 0; cause !== null && depth < 4; depth += 1) {
    if (isCode(cause.code)) return cause.code
    cause = objectOf(cause.cause)
  }
  return null
}

function nameOf(error: Record<string, unknown>): string {
  const own = (error as { constructor?: { name?: unknown } }).constructor?.name
  const name = typeof own === 'string' && own !== 'Object' ? own : error.name
  return isCode(name) ? name : 'error'
}
