import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { isPublicAddress, literalAddress, PrivateAddress, publicLookup } from './guard.ts'

export interface PageRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the operator has named this address, so that it may be one of this machine or its network. */
  readonly named: boolean
  readonly bytesMax: number
  readonly withinMs: number
}

const ERROR_CHARS = 300

/**
 * Fetches one page of somebody's API with a credential. Redirects are not followed: the credential is for this address and for no other. An address that
 * the operator has not named must be public, and is asked over TLS.
 */
export async function fetchPage({ url, headers, named, bytesMax, withinMs }: PageRequest): Promise<Result<string>> {
  const target = URL.canParse(url) ? new URL(url) : null
  if (target === null || (target.protocol !== 'https:' && !(named && target.protocol === 'http:')))
    return refused(url, 'is not an https address')
  const literal = literalAddress(target.hostname)
  if (!named && literal !== null && !isPublicAddress(literal)) return refused(url, 'is not a public address')
  const { Agent, request } = await import('undici')
  const agent = new Agent({ connect: named ? {} : { lookup: publicLookup }, maxResponseSize: bytesMax })
  try {
    const { statusCode, body } = await request(target, {
      dispatcher: agent,
      signal: AbortSignal.timeout(withinMs),
      headers: { accept: 'application/json', ...headers },
    })
    const text = await body.text()
    return statusCode === 200 ? ok(text) : refused(url, `answered ${statusCode}${saidIn(text)}`)
  } catch (error) {
    if (error instanceof PrivateAddress) return refused(url, error.message)
    return refused(url, `could not be fetched: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await agent.destroy()
  }
}

/** What the provider says of its error, where it says it as its APIs do. */
function saidIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? `: ${error.message.slice(0, ERROR_CHARS)}` : ''
  } catch {
    return ''
  }
}

/** The query may hold what is nobody's business; the place is enough to find it. */
function refused(url: string, why: string): { readonly ok: false; readonly error: ReturnType<typeof refusal> } {
  const place = URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : url.slice(0, ERROR_CHARS)
  return fail(refusal('invalid_field', `${place} ${why}`))
}
