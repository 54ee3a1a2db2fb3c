import { assert, type Picos, picos } from '../../kernel/index.ts'

/** What a body is made of. `undefined` only as a position past the end of an array. */
export type Json = null | boolean | number | string | undefined | readonly Json[] | { readonly [name: string]: Json }

export function arrayOf(value: Json): readonly Json[] {
  assert(Array.isArray(value), 'a journal body holds an array here')
  return value
}

export function textOf(value: Json): string {
  assert(typeof value === 'string', 'a journal body holds text here')
  return value
}

export function nullableText(value: Json): string | null {
  return value === null ? null : textOf(value)
}

export function numberOf(value: Json): number {
  assert(typeof value === 'number', 'a journal body holds a number here')
  return value
}

export function nullableNumber(value: Json): number | null {
  return value === null ? null : numberOf(value)
}

export function amountOf(value: Json): Picos {
  return picos(BigInt(textOf(value)))
}

export function nullableAmount(value: Json): Picos | null {
  return value === null ? null : amountOf(value)
}

/** Empty objects and lists are written as 0: most entries have none of them. */
export function orZero(value: object): Json {
  for (const _ in value) return value as Json
  return 0
}

/** Marks the parts that are kept as JSON in their own shape; only this program writes bodies. */
export function shaped<T>(value: Json): T {
  return value as T
}
