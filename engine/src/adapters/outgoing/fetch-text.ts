import type { Agent, request } from 'undici'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { FetchText } from '../../pricing/index.ts'
import { isPublicAddress, literalAddress, PrivateAddress, publicLookup } from './guard.ts'

export interface FetchTextOptions {
  readonly bytesMax: number
  readonly withinMs: number
  /** Lets addresses of this machine and its network through: for tests, and for nothing else. */
  readonly privateAddresses?: boolean
}

const REDIRECTS_MAX = 3

/** Fetches a text from the public internet: bounded in size, time and redirects, each step checked against private addresses. */
export function fetchText(options: FetchTextOptions): { readonly fetchText: FetchText; close(): Promise<void> } {
  let client: Promise<Client> | null = null
  return {
    fetchText: async (url) => {
      client ??= openClient(options)
      return follow(await client, url, options)
    },
    close: async () => {
      await (await client)?.agent.close()
    },
  }
}

interface Client {
  readonly agent: Agent
  readonly request: typeof request
}

/** Loaded with the first fetch: most programs that open an engine never make one. */
async function openClient(options: FetchTextOptions): Promise<Client> {
  const undici = await import('undici')
  const connect = options.privateAddresses === true ? {} : { lookup: publicLookup }
  const agent = new undici.Agent({
    connect,
    headersTimeout: options.withinMs,
    bodyTimeout: options.withinMs,
    maxResponseSize: options.bytesMax,
  })
  return { agent, request: undici.request }
}

async function follow(client: Client, start: string, options: FetchTextOptions): Promise<Result<string>> {
  let url = start
  for (let step = 0; step <= REDIRECTS_MAX; step += 1) {
    const target = URL.canParse(url) ? new URL(url) : null
    if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:'))
      return refused(url, 'is not an http or https address')
    if (options.privateAddresses !== true && isPrivateLiteral(target.hostname)) return refused(url, 'is not a public address')
    const answer = await once(client, url, options)
    if (!answer.ok) return answer
    if (typeof answer.value === 'string') return ok(answer.value)
    url = new URL(answer.value.location, url).href
  }
  return refused(start, `redirects more than ${REDIRECTS_MAX} times`)
}

async function once(client: Client, url: string, options: FetchTextOptions): Promise<Result<string | { location: string }>> {
  try {
    const { statusCode, headers, body } = await client.request(url, {
      dispatcher: client.agent,
      signal: AbortSignal.timeout(options.withinMs),
      headers: { accept: 'application/json, text/plain' },
    })
    const { location } = headers
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump()
      return ok({ location })
    }
    if (statusCode !== 200) {
      await body.dump()
      return refused(url, `answered ${statusCode}`)
    }
    return ok(await body.text())
  } catch (error) {
    return refused(
      url,
      error instanceof PrivateAddress ? error.message : `could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** An address written as a number is never looked up, so it is checked here. */
function isPrivateLiteral(host: string): boolean {
  const address = literalAddress(host)
  return address !== null && !isPublicAddress(address)
}

function refused(url: string, why: string): { readonly ok: false; readonly error: ReturnType<typeof refusal> } {
  return fail(refusal('invalid_field', `${url} ${why}`, { path: '/url' }))
}
