import type { TSchema } from '@sinclair/typebox'

interface Members {
  readonly type?: string
  readonly const?: unknown
  readonly anyOf?: readonly TSchema[]
  readonly description?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
}

/** What a schema takes, in words: `a whole number from 0 to 1000`, `true or false`, `one of hour, day`. */
export function expectedBy(schema: TSchema): string {
  const members = schema as Members
  if (members.const !== undefined) return JSON.stringify(members.const)
  if (members.anyOf !== undefined) return alternatives(members.anyOf, members.description)
  switch (members.type) {
    case 'integer':
      return `a whole number${range(members.minimum, members.maximum)}`
    case 'number':
      return `a number${members.exclusiveMinimum === undefined ? range(members.minimum, members.maximum) : ` above ${members.exclusiveMinimum}${upTo(members.maximum)}`}`
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    case 'array':
      return `a list of ${members.minItems ?? 0} to ${members.maxItems ?? 'any number of'} items`
    case 'object':
      return members.maxProperties === undefined ? 'an object' : `an object of at most ${members.maxProperties} members, text to text`
    case 'string':
      return textExpected(members)
    default:
      return 'another value'
  }
}

function alternatives(parts: readonly TSchema[], description: string | undefined): string {
  const constants = parts.filter((part) => (part as Members).const !== undefined)
  if (constants.length === parts.length) return `one of ${constants.map((part) => String((part as Members).const)).join(', ')}`
  if (description !== undefined) return `${parts.map((part) => (part as Members).type).join(' or ')}: ${trimmed(description)}`
  return parts.map(expectedBy).join(' or ')
}

function textExpected({ minLength, maxLength, pattern, description }: Members): string {
  if (pattern !== undefined) return description === undefined ? `text that matches ${pattern}` : `text: ${trimmed(description)}`
  if (minLength === undefined && maxLength === undefined) return 'text'
  return `text of ${minLength ?? 0} to ${maxLength ?? 'any number of'} characters`
}

/** Made part of a sentence. Only before a small letter is the first one made small: `US dollars` begins with an abbreviation. */
function trimmed(description: string): string {
  const text = description.replace(/\.$/, '')
  return /^.[a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) return upTo(maximum)
  return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`
}

function upTo(maximum: number | undefined): string {
  return maximum === undefined ? '' : ` up to ${maximum}`
}
