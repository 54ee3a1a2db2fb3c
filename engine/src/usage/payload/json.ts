import { wellFormedText } from '../../kernel/index.ts'

/** A JSON object from outside: every field may be anything. */
export type JsonObject = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(source: unknown, key: string): JsonObject | undefined {
  if (!isObject(source)) return undefined
  const value = source[key]
  return isObject(value) ? value : undefined
}

export function listAt(source: unknown, key: string): readonly unknown[] {
  if (!isObject(source)) return []
  const value = source[key]
  return Array.isArray(value) ? value : []
}

/** Non-empty text of a field, as it can be kept. */
export function textAt(source: unknown, key: string): string | undefined {
  if (!isObject(source)) return undefined
  const value = source[key]
  return typeof value === 'string' && value !== '' ? wellFormedText(value) : undefined
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
