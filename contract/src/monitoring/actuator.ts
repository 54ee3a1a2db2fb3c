import { type Static, Type } from '@sinclair/typebox'
import { Name, Nullable } from '../scalars.ts'

export const ActuatorAnswer = Type.Object(
  { _links: Type.Record(Type.String(), Type.Object({ href: Type.String(), templated: Type.Boolean() })) },
  { $id: 'ActuatorAnswer' },
)

export const HealthComponentQuery = Type.Object(
  { component: Type.String({ minLength: 1, maxLength: 64 }) },
  { $id: 'HealthComponentQuery', additionalProperties: false },
)

export const MetricsNamesAnswer = Type.Object({ names: Type.Array(Type.String()) }, { $id: 'MetricsNamesAnswer' })

export const MetricQuery = Type.Object(
  {
    name: Name,
    tag: Type.Optional(
      Type.String({ maxLength: 2_048, description: '`label:value`, several separated by commas: only series that have them.' }),
    ),
  },
  { $id: 'MetricQuery', additionalProperties: false },
)
export const METRIC_STATISTICS = ['COUNT', 'TOTAL', 'TOTAL_TIME', 'VALUE'] as const
export const MetricAnswer = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    baseUnit: Nullable(Type.String()),
    measurements: Type.Array(
      Type.Object({ statistic: Type.Union(METRIC_STATISTICS.map((name) => Type.Literal(name))), value: Type.Number() }),
    ),
    availableTags: Type.Array(Type.Object({ tag: Type.String(), values: Type.Array(Type.String()) })),
  },
  { $id: 'MetricAnswer' },
)

/** How the text of all metrics may be asked for: by `format`, or by the Accept header. */
export const METRIC_FORMATS = { openmetrics: 'application/openmetrics-text', text: 'text/plain' } as const
export const PrometheusQuery = Type.Object(
  { format: Type.Optional(Type.Union([Type.Literal('text'), Type.Literal('openmetrics')])) },
  { $id: 'PrometheusQuery', additionalProperties: false },
)
export const PrometheusAnswer = Type.String({ $id: 'PrometheusAnswer', description: 'Text exposition of Prometheus, or OpenMetrics.' })

export type ActuatorAnswer = Static<typeof ActuatorAnswer>
export type MetricsNamesAnswer = Static<typeof MetricsNamesAnswer>
export type MetricAnswer = Static<typeof MetricAnswer>
