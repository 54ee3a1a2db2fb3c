import { createHmac } from 'node:crypto'
import { canonicalJson } from '../../../kernel/index.ts'
import { isTooDeep } from '../../validation/index.ts'
import { lastTurn } from './last-turn.ts'

/** A request to a provider, as far as it decides the answer. */
export interface KeyedRequest {
  readonly organization: string
  /** Who shares answers, e.g. `['user', 'u-1']`. */
  readonly scope: readonly [kind: string, value: string]
  /** The policy that caches it, and what of it decides who answers: under another one the answer may be another. */
  readonly policy: string
  readonly upstream: string
  readonly endpoint: string
  /** With its query. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly streams: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/** Under what an answer is kept. */
export interface RequestKeys {
  readonly exact: string
  /** The last turn of the user, and the key of everything else; null where the request has no turn of plain text at its end. */
  readonly turn: { readonly bucket: string; readonly text: string } | null
}

/** Members that say for whom a request is or how it is filed, and not what is answered. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'stream',
  'labels',
])
/** Versions and trials that change what an API answers. */
const HEADERS = ['anthropic-version', 'anthropic-beta', 'openai-beta', 'openai-organization', 'openai-project'] as const
/** Members by which an answer depends on what the provider keeps and may change, or is not there when the request ends. */
const STATEFUL: readonly string[] = ['conversation', 'background', 'container', 'cachedContent']

/**
 * The keys of a request: hashes over all that decides its answer, so that neither prompts nor answers can be guessed from them. The order of members and white
 * space mean nothing. Sampling is in the key and does not matter otherwise: whoever switches the cache on wants the same answer again, whatever the temperature.
 * Null for what is not cached at all: it nests too deeply, or depends on more than what it says.
 */
export function requestKeys(request: KeyedRequest, fingerprintKey: Uint8Array): RequestKeys | null {
  const { body, endpoint } = request
  if (isTooDeep(body) || STATEFUL.some((member) => Object.hasOwn(body, member) && body[member] !== null && body[member] !== false))
    return null
  const effective = Object.fromEntries(Object.entries(body).filter(([member]) => !WITHOUT_EFFECT.has(member)))
  const around = {
    organization: request.organization,
    scope: request.scope,
    policy: request.policy,
    upstream: request.upstream,
    endpoint,
    path: request.path,
    streams: request.streams,
    headers: Object.fromEntries(HEADERS.map((name) => [name, request.headers[name]])),
  }
  const hash = (kind: string, part: unknown): string =>
    createHmac('sha256', fingerprintKey)
      .update(`cache\n${kind}\n${canonicalJson({ ...around, body: part })}`)
      .digest('base64url')
  const turn = lastTurn(endpoint, effective)
  return { exact: hash('exact', effective), turn: turn === null ? null : { bucket: hash('turn', turn.rest), text: turn.text } }
}
