import { LIMITS } from '../../../kernel/index.ts'
import { beginPassage, type CachePolicy, type Passage, type UnitVector, unitVector } from '../../../operations/index.ts'
import { responseReader } from '../../../usage/index.ts'
import { requestHeaders } from '../headers.ts'
import { planned } from '../plan.ts'
import type { RequestBody } from '../request-body.ts'
import { routeOf } from '../route.ts'
import type { MeteredRequest, MeteredRoute } from './request.ts'

/** What a call for a semantic cache is doing, in the books. */
const ACTION = 'cache_embedding'
const SOURCE = 'gateway:cache'
/** A vector of 8,192 numbers as text, several times. */
const ANSWER_BYTES_MAX = 1024 * 1024

/**
 * The vector of a text, by a call of its own through this gateway: held for, posted, and paid for by whoever made the call that it is for. Null where there is
 * none, for whatever reason: the cache then misses, and nothing else happens.
 */
export async function embedded(
  request: MeteredRequest,
  { upstream, model }: NonNullable<CachePolicy['embeddings']>,
  text: string,
): Promise<UnitVector | null> {
  const { gateway, asker, incoming, plan, underWay } = request
  const route = routeOf(gateway.upstreams, 'POST', `/${upstream}/v1/embeddings`)
  if (route?.endpoint !== 'embeddings') return null
  const metered = { ...route, endpoint: route.endpoint }
  const value = { model, input: text, encoding_format: 'float' }
  const json = JSON.stringify(value)
  const body: RequestBody = { bytes: Buffer.from(json), text: json, value }
  const own = planned(gateway, asker, incoming, metered, body)
  if (own === null) return null
  const said = { ...plan.call.said, action: ACTION }
  const begun = await beginPassage(gateway.services, asker.caller, { ...own.call, said, source: SOURCE, retryOf: null })
  if (!begun.ok) return null
  underWay.add(begun.value)
  try {
    return await asked(request, metered, body, begun.value)
  } finally {
    underWay.delete(begun.value)
  }
}

async function asked({ gateway, incoming, route: own }: MeteredRequest, route: MeteredRoute, body: RequestBody, passage: Passage) {
  const startedAt = gateway.services.now()
  // A credential of the client is for the upstream that it has named, and for no other.
  const shown = route.upstream.name === own.upstream.name ? incoming.headers : {}
  const headers = requestHeaders(shown, route.upstream, (text) => gateway.services.keyring.isSecret(text.replace(/^bearer +/i, '').trim()))
  const answer = await exchanged(gateway, route, { ...headers, 'content-type': 'application/json' }, body.bytes)
  const reader = responseReader({
    at: startedAt,
    seller: route.upstream.seller,
    url: route.url,
    status: answer.status,
    contentType: answer.contentType,
    request: body.value as Readonly<Record<string, unknown>>,
  })
  reader.push(answer.body)
  const usage = reader.end()
  const errorCode = answer.failed ?? (usage.outcome.ok ? (answer.status >= 400 ? `http_${answer.status}` : null) : usage.outcome.code)
  await passage.settle({ usage, latencyMs: gateway.services.now() - startedAt, errorCode, responseId: reader.responseId() })
  return errorCode === null ? vectorOf(answer.body) : null
}

interface Answered {
  readonly status: number
  readonly contentType: string | null
  readonly body: Buffer
  /** Why there is no answer; null: there is one. */
  readonly failed: string | null
}

function exchanged(
  { sender }: MeteredRequest['gateway'],
  { origin, path }: MeteredRoute,
  headers: Record<string, string | string[]>,
  body: Buffer,
): Promise<Answered> {
  return new Promise((resolve) => {
    let status = 200
    let contentType: string | null = null
    let bytes = 0
    const chunks: Buffer[] = []
    const end = (failed: string | null): void => {
      clearTimeout(timer)
      resolve({ status, contentType, body: failed === null ? Buffer.concat(chunks) : Buffer.alloc(0), failed })
    }
    const give = (failed: string): void => {
      sent.abort()
      end(failed)
    }
    const timer = setTimeout(() => give('upstream_timeout'), LIMITS.cacheEmbeddingMs)
    const sent = sender.send(
      origin,
      { method: 'POST', path, headers, body },
      {
        onHead(answered, of) {
          status = answered
          contentType = of['content-type'] ?? null
        },
        onData(chunk) {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) give('answer_too_large')
          else chunks.push(chunk)
          return true
        },
        onEnd: () => end(null),
        onFailed({ reached, timedOut }) {
          // What has not been reached bills nothing.
          if (!reached) status = 502
          end(timedOut ? 'upstream_timeout' : 'upstream_unreachable')
        },
      },
    )
  })
}

function vectorOf(body: Buffer): UnitVector | null {
  try {
    const answer = JSON.parse(body.toString('utf8')) as { readonly data?: readonly { readonly embedding?: unknown }[] }
    return unitVector(answer.data?.[0]?.embedding)
  } catch {
    return null
  }
}
