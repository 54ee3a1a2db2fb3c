import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import { Id } from '../scalars.ts'
import { CostForecast, CostForecastQuery } from './answer.ts'

/** The forecast at our own door: the same answer with our spelling. */
export const SpendForecast = Type.Object(inSnake(CostForecast).properties, { $id: 'SpendForecast' })

const { groupBy, value, period, endDate, zone, limit } = CostForecastQuery.properties
export const SpendForecastQuery = Type.Object(
  { group_by: groupBy, value, period, end_date: endDate, zone, limit, organization_id: Type.Optional(Id) },
  { $id: 'SpendForecastQuery', additionalProperties: false },
)

/** `projectedSpend` → `projected_spend`. */
export function snakeName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^(interval)(\d+)$/, '$1_$2')
}

/** The schema of an object with its members, and theirs, renamed. */
function inSnake(schema: TObject): TObject {
  return Type.Object(Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [snakeName(name), renamed(member)])))
}

function renamed(schema: TSchema): TSchema {
  if (schema.type === 'object') return inSnake(schema as TObject)
  if (schema.type === 'array') return { ...schema, items: renamed(schema.items as TSchema) }
  return Array.isArray(schema.anyOf) ? { ...schema, anyOf: schema.anyOf.map((each: TSchema) => renamed(each)) } : schema
}
