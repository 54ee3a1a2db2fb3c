import type { Agent, request } from 'undici'
import type { Message, Sent } from '../../alerts/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { guardedLookup, PrivateAddress, type Resolve } from './guard.ts'
import { mayConnect, type Reach } from './target.ts'

type Post = Extract<Message, { kind: 'post' }>

export interface PostOptions {
  readonly reach: Reach
  readonly withinMs: number
  readonly now: () => Millis
  /** In place of the system's names: for tests. */
  readonly resolve?: Resolve
}

/** Posts to receivers. Redirects are not followed. What is said of a failure names no path: an address may be a secret. */
export function poster(options: PostOptions): { post(message: Post): Promise<Sent>; close(): Promise<void> } {
  let client: Promise<Client> | null = null
  return {
    post: async (message) => {
      client ??= openClient(options)
      return postOnce(await client, message, options)
    },
    close: async () => {
      await (await client)?.agent.destroy()
    },
  }
}

interface Client {
  readonly agent: Agent
  readonly request: typeof request
}

const ANSWER_BYTES_MAX = 65_536

async function openClient({ reach, withinMs, resolve }: PostOptions): Promise<Client> {
  const undici = await import('undici')
  const lookup = guardedLookup((address) => mayConnect(reach, address), resolve)
  const agent = new undici.Agent({ connect: { lookup, timeout: withinMs }, headersTimeout: withinMs, bodyTimeout: withinMs })
  return { agent, request: undici.request }
}

async function postOnce(client: Client, { url, headers, body }: Post, { withinMs, now }: PostOptions): Promise<Sent> {
  try {
    const signal = AbortSignal.timeout(withinMs)
    const sent = { ...headers, 'user-agent': 'Purser-Webhooks/1' }
    const answer = await client.request(url, { method: 'POST', dispatcher: client.agent, signal, headers: sent, body })
    const { statusCode: code } = answer
    await answer.body.dump({ limit: ANSWER_BYTES_MAX, signal }).catch(() => null)
    if (code >= 200 && code < 300) return { code, error: null, retryAfterMs: null }
    const redirect = code >= 300 && code < 400 ? ', and redirects are not followed' : ''
    return { code, error: `answered ${code}${redirect}`, retryAfterMs: waitOf(code, answer.headers['retry-after'], now()) }
  } catch (error) {
    return { code: null, error: wordsFor(error, withinMs), retryAfterMs: null }
  }
}

/** `Retry-After` of an answer that asks for it: seconds, or a date (RFC 9110, 10.2.3). */
function waitOf(code: number, retryAfter: string | string[] | undefined, now: Millis): number | null {
  if ((code !== 429 && code !== 503) || typeof retryAfter !== 'string') return null
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? null : Math.max(at - now, 0)
}

function wordsFor(error: unknown, withinMs: number): string {
  if (error instanceof PrivateAddress) return 'its name leads to an address that is not public'
  const { name, code } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError' || (code?.startsWith('UND_ERR_') === true && code.endsWith('TIMEOUT')))
    return `did not answer within ${withinMs / 1000} s`
  return `could not be reached${code === undefined ? '' : ` (${code})`}`
}
