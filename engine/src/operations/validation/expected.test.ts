import { Type } from '@sinclair/typebox'
import { describe, expect, it } from 'vitest'
import { expectedBy } from './expected.ts'

const choice = (description: string) => Type.Union([Type.String(), Type.Number()], { description })

describe('what a schema takes, in words', () => {
  it('begins a description with a small letter inside a sentence', () => {
    expect(expectedBy(choice('Seconds or a time.'))).toBe('string or number: seconds or a time')
  })

  it.each(['US dollars', 'RFC 3339', 'A', ''])('leaves the first letter of an abbreviation as it is: %j', (description) => {
    expect(expectedBy(choice(description))).toBe(`string or number: ${description}`)
  })
})
