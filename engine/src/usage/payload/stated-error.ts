import { isObject, type JsonObject, objectAt, textAt } from './json.ts'

/** A provider's own word for what went wrong. */
export interface StatedError {
  readonly code: string
  readonly message: string
}

const MESSAGE_CHARS_MAX = 500

/** The error in a payload, in the spellings of all providers, in error bodies and inside streams; null when there is none. */
export function statedError(payload: JsonObject): StatedError | null {
  const response = objectAt(payload, 'response')
  const holder = objectAt(payload, 'error') ?? objectAt(response, 'error')
  if (holder !== undefined) return { code: codeOf(holder), message: messageOf(holder) }
  if (typeof payload.error === 'string' && payload.error !== '')
    return { code: 'error', message: payload.error.slice(0, MESSAGE_CHARS_MAX) }
  if (payload.type === 'error' || payload.object === 'error') return { code: codeOf(payload), message: messageOf(payload) }
  if (payload.type === 'response.failed' || (payload.object === 'response' && payload.status === 'failed')) {
    return { code: 'failed', message: '' }
  }
  return null
}

const CONTENT = ['usage', 'usageMetadata', 'response', 'choices', 'candidates', 'output']

/** Whether a payload says nothing but that something went wrong, so that no shape takes it for an answer. */
export function isBareError(payload: JsonObject): boolean {
  return statedError(payload) !== null && CONTENT.every((key) => payload[key] === undefined || payload[key] === null)
}

/** The error of a response whose HTTP status says that it is one, when the body has no word for it (Bedrock: `{message}`). */
export function errorOfStatus(status: number, payload: unknown): StatedError {
  const type = textAt(payload, '__type') ?? textAt(payload, 'code')
  return { code: type ?? `http_${status}`, message: isObject(payload) ? messageOf(payload) : '' }
}

function codeOf(error: JsonObject): string {
  const named = textAt(error, 'code') ?? textAt(error, 'status')
  const type = textAt(error, 'type')
  // `{"type": "error", "code": …}` names itself only; a number (Google, OpenRouter) is the last resort.
  const code = named ?? (type === 'error' ? undefined : type) ?? (typeof error.code === 'number' ? String(error.code) : 'error')
  return code.slice(0, 100)
}

function messageOf(error: JsonObject): string {
  const message = textAt(error, 'message') ?? textAt(error, 'Message') ?? textAt(error, 'detail') ?? ''
  return message.slice(0, MESSAGE_CHARS_MAX)
}
