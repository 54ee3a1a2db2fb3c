import { Type } from '@sinclair/typebox'
import { Scope } from '../analytics.ts'
import { Nullable, UsdNumber, UsdText } from '../scalars.ts'

/** The part of time and of the fleet that is asked about. */
export const EfficiencyQuery = Type.Object(
  {
    ...Scope,
    examine: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 50_000, description: 'Calls that are looked at one by one, those posted last.' }),
    ),
  },
  { $id: 'EfficiencyQuery', additionalProperties: false },
)

export const period = Type.Object({ from: Nullable(Type.String()), to: Nullable(Type.String()) })
export const callIds = Type.Array(Type.String(), { description: 'Some of the calls behind it.' })
export const missing = Type.Array(Type.String(), { description: 'What the calls do not say, and what to send.' })
/** A ratio of 0 to 1, for reading; null where there is nothing to divide. */
export const ratio = Nullable(Type.Number({ description: '0 to 1; null when it cannot be said.' }))

/** An amount as a number and as exact text, both null when it is not known. */
export function amount<Name extends string>(name: Name, description: string) {
  return {
    [name]: Type.Union([UsdNumber, Type.Null()], { description: `US dollars: ${description} Null when not known.` }),
    [`${name}_exact`]: Type.Union([UsdText, Type.Null()], { description: 'The same, exact.' }),
  } as { [Key in Name]: typeof Amount } & { [Key in `${Name}_exact`]: typeof ExactAmount }
}
const Amount = Nullable(UsdNumber)
const ExactAmount = Nullable(UsdText)
