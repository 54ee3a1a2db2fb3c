import { isObject, type JsonObject } from '../payload/json.ts'
import type { RequestEndpoint } from './endpoint.ts'

/** Where a limit on the output is written, by endpoint. Dots go into objects. */
const LIMIT_MEMBER: { readonly [E in RequestEndpoint]?: string } = {
  chat: 'max_tokens',
  completions: 'max_tokens',
  responses: 'max_output_tokens',
  messages: 'max_tokens',
  generate: 'generationConfig.maxOutputTokens',
  interactions: 'generation_config.max_output_tokens',
  converse: 'inferenceConfig.maxTokens',
}

/** A change to the body of a request: the member and its new value. */
export interface Change {
  /** Dots go into objects. */
  readonly member: string
  readonly value: unknown
}

/**
 * The change that limits the output of a request that states no limit; null where an endpoint has no member for it that all of its models take. OpenAI's newer
 * models take `max_completion_tokens` only, and few who copied its API know that name.
 */
export function outputLimit(endpoint: RequestEndpoint, seller: string, tokens: number): Change | null {
  const isOpenAi = seller === 'openai' || seller === 'azure'
  const member = endpoint === 'chat' && isOpenAi ? 'max_completion_tokens' : LIMIT_MEMBER[endpoint]
  return member === undefined ? null : { member, value: tokens }
}

/** The change that makes a stream of chat completions end with its usage; null where the request asks for it, or is none. */
export function usageInStream(endpoint: RequestEndpoint, request: unknown): Change | null {
  if ((endpoint !== 'chat' && endpoint !== 'completions') || !isObject(request) || request.stream !== true) return null
  const options = request.stream_options
  return isObject(options) && options.include_usage === true ? null : { member: 'stream_options.include_usage', value: true }
}

/**
 * The text of a JSON object with members changed. What is not there yet is put behind the rest, so that every other byte stays as it was sent; only
 * where a member exists, or lies in an object, is the whole written anew.
 */
export function changed(text: string, request: JsonObject, changes: readonly Change[]): string {
  const plain = changes.every(({ member }) => !Object.hasOwn(request, member.split('.')[0] ?? ''))
  const end = text.lastIndexOf('}')
  if (plain && end > 0) {
    const added = changes.map(({ member, value }) => {
      const [first = '', ...inner] = member.split('.')
      return `${JSON.stringify(first)}:${JSON.stringify(nested(inner, value))}`
    })
    const comma = Object.keys(request).length === 0 ? '' : ','
    return `${text.slice(0, end)}${comma}${added.join(',')}${text.slice(end)}`
  }
  return JSON.stringify(changes.reduce<JsonObject>((into, { member, value }) => withMember(into, member.split('.'), value), request))
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
}

function withMember(source: JsonObject, [first = '', ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...source, [first]: value }
  const inner = source[first]
  return { ...source, [first]: withMember(isObject(inner) ? inner : {}, rest, value) }
}
