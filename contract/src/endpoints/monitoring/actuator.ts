import { HealthAnswer, Nothing } from '../../administration.ts'
import {
  ActuatorAnswer,
  HealthComponentQuery,
  METRIC_FORMATS,
  MetricAnswer,
  MetricQuery,
  MetricsNamesAnswer,
  PrometheusAnswer,
  PrometheusQuery,
} from '../../monitoring/index.ts'
import { endpoint } from '../endpoint.ts'

const family = 'Health'
const metered = {
  method: 'GET',
  permission: 'read',
  family,
  description:
    'Figures of the whole installation since this process started: for the bootstrap key, for the key that `PURSER_METRICS_KEY` names, or for everybody where that is `open`.',
} as const

export const actuatorIndex = endpoint({
  operation: 'actuator_index',
  method: 'GET',
  path: '/actuator',
  input: Nothing,
  answer: ActuatorAnswer,
  permission: 'open',
  family,
  summary: 'What can be asked about the server itself',
  example: { input: {} },
})

export const healthComponent = endpoint({
  operation: 'health_component',
  method: 'GET',
  path: '/actuator/health/{component}',
  input: HealthComponentQuery,
  answer: HealthAnswer,
  permission: 'open',
  family,
  summary: 'The health of one component',
  example: { input: { component: 'db' } },
})

export const metricsNames = endpoint({
  ...metered,
  operation: 'actuator_metrics',
  path: '/actuator/metrics',
  input: Nothing,
  answer: MetricsNamesAnswer,
  summary: 'Names of the metrics',
  example: { input: {} },
})

export const showMetric = endpoint({
  ...metered,
  operation: 'actuator_metric',
  path: '/actuator/metrics/{name}',
  input: MetricQuery,
  answer: MetricAnswer,
  summary: 'One metric',
  example: { input: { name: 'agent.runs' } },
})

export const prometheus = endpoint({
  ...metered,
  operation: 'prometheus',
  path: '/actuator/prometheus',
  input: PrometheusQuery,
  answer: PrometheusAnswer,
  formats: METRIC_FORMATS,
  summary: 'All metrics as Prometheus reads them',
  example: { input: {} },
})

/** What a scraper may ask for, and whoever sends the key of metrics. */
export const METRICS_ENDPOINTS = [metricsNames, showMetric, prometheus] as const
export const ACTUATOR = [actuatorIndex, healthComponent, ...METRICS_ENDPOINTS] as const
