import { Type } from '@sinclair/typebox'
import { Name, UsdNumber, UsdText } from '../scalars.ts'

/** Whom a tool is about. A key that is bound to an agent needs none, and may not name another. */
export const AgentField = {
  agent_id: Type.Optional(Type.String({ ...Name, description: 'The agent. Left out: the one of the key, of X-Agent-Id, or "default".' })),
}

/**
 * An amount as clients of this family write it: `"25.00"`, or whatever a program makes of a float (`"1e-05"`, `"14.999999999999998"`). Which
 * texts are amounts is checked beside the schema, where a refusal can say what is wrong with one.
 */
export const AmountField = Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Number()], {
  description: 'A decimal amount as text ("25.00", exponents too), or a number of at most 15 significant digits.',
})

/** Says which amounts had more than 12 decimals and were rounded, half to even: the text as it was sent, by field. */
export const RoundedFrom = {
  rounded_from: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Amounts that had more than 12 decimals, as they were sent; rounded half to even.',
    }),
  ),
}

export const DateField = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'A UTC day, 2026-11-22.',
})

/** What is not known is left out, never zero: a client that reads a missing field with a default of its own sees that default. */
export const KnownUsdText = Type.Optional(
  Type.String({ ...UsdText, description: 'US dollars as decimal text. Left out when no price of any of the calls is known.' }),
)

export const KnownUsdNumber = Type.Number({ ...UsdNumber, description: 'US dollars as a number, because clients format it as one.' })

export const UnpricedCalls = Type.Integer({ minimum: 0, description: 'Calls that the cost does not cover, because no price is known.' })
