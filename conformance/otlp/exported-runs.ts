import { recordedJson } from '../recorded.ts'

const FOLDER = 'framework-traces'

/** What the exporting product kept of a span. Its attributes are the emitter's own, as text where they were structured. */
interface Observation {
  readonly id: string
  readonly parentObservationId: string | null
  readonly type: string
  readonly name: string
  readonly startTime: string
  readonly endTime: string | null
  readonly usageDetails: Readonly<Record<string, number>>
  readonly costDetails: Readonly<Record<string, number>>
  readonly metadata: string | object | null
}

interface Kept {
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly resourceAttributes?: Readonly<Record<string, unknown>>
  readonly scope?: { readonly name?: string; readonly version?: string }
}

/** A run that an agent framework's instrumentation told of, as it would be sent again. */
export interface ExportedRun {
  readonly name: string
  readonly body: { readonly resourceSpans: readonly object[] }
  /** What the product that exported it made of it: its generations, their tokens, and its own price of them in USD. */
  readonly stated: { readonly calls: number; readonly inputTokens: number; readonly outputTokens: number; readonly costUsd: number }
}

/** The runs whose export still holds what the instrumentation sent. */
export function exportedRuns(): ExportedRun[] {
  return recordedJson<{ readonly trace: { readonly id: string }; readonly observations: readonly Observation[] }>(FOLDER)
    .filter(({ file, data }) => file.endsWith('.trace.json') && data.observations.some((each) => keptOf(each).attributes !== undefined))
    .map(({ file, data: { trace, observations } }) => {
      const generations = observations.filter(({ type }) => type === 'GENERATION')
      const sum = (of: (each: Observation) => number | undefined): number => generations.reduce((total, each) => total + (of(each) ?? 0), 0)
      return {
        name: file.replace('.trace.json', ''),
        body: { resourceSpans: observations.map((each) => resourceSpan(each, trace.id)) },
        stated: {
          calls: generations.length,
          inputTokens: sum(({ usageDetails }) => usageDetails.input),
          outputTokens: sum(({ usageDetails }) => usageDetails.output),
          costUsd: sum(({ costDetails }) => costDetails.total),
        },
      }
    })
}

function resourceSpan(observation: Observation, traceId: string): object {
  const { attributes = {}, resourceAttributes = {}, scope = {} } = keptOf(observation)
  const { id, parentObservationId, name, startTime, endTime } = observation
  const span = {
    traceId: hexOf(traceId, 32),
    spanId: hexOf(id, 16),
    ...(parentObservationId === null ? {} : { parentSpanId: hexOf(parentObservationId, 16) }),
    name,
    startTimeUnixNano: nanosOf(startTime),
    endTimeUnixNano: nanosOf(endTime ?? startTime),
    attributes: listOf(attributes),
  }
  return {
    resource: { attributes: listOf(resourceAttributes) },
    scopeSpans: [{ scope: { name: scope.name, version: scope.version }, spans: [span] }],
  }
}

function keptOf({ metadata }: Observation): Kept {
  const value: unknown = typeof metadata === 'string' ? JSON.parse(metadata) : metadata
  return typeof value === 'object' && value !== null ? value : {}
}

function listOf(values: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: { stringValue: typeof value === 'string' ? value : JSON.stringify(value) },
  }))
}

function hexOf(id: string, digits: number): string {
  return id.replaceAll('-', '').slice(0, digits).padStart(digits, '0')
}

function nanosOf(time: string): string {
  return `${Date.parse(time)}000000`
}
