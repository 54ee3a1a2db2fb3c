import { type JsonObject, textAt } from './json.ts'

/** Text that a response delivered, kept only to estimate output that was never counted. */
export interface DeliveredText {
  add(value: unknown): void
  addFields(source: JsonObject | undefined, keys: readonly string[]): void
  value(): string
}

export function deliveredText(): DeliveredText {
  const parts: string[] = []
  return {
    add(value) {
      if (typeof value === 'string' && value !== '') parts.push(value)
    },
    addFields(source, keys) {
      for (const key of keys) {
        const value = textAt(source, key)
        if (value !== undefined) parts.push(value)
      }
    },
    value: () => parts.join(''),
  }
}
