import { isUtf8 } from 'node:buffer'
import { isObject, type JsonObject } from '../../payload/json.ts'
import { type AttributeValue, type Facts, newFacts, take, takingOf } from '../facts.ts'
import { microsOfNanos } from './message.ts'
import { type MetricPoint, pointOf, type RawPoint, TEMPORALITIES } from './points.ts'
import { type Emitter, type LogRecord, type SpanRecord, UnreadableRequest } from './records.ts'

/** The JSON form of `ExportTraceServiceRequest`: ids in hexadecimal, 64-bit integers as text or number, names in camel case. What is not known is ignored. */
export function spansOfJson(bytes: Buffer): SpanRecord[] {
  const out: SpanRecord[] = []
  for (const [emitter, span] of emitted(bytes, 'resourceSpans', 'scopeSpans', 'spans')) out.push(spanOf(emitter, span))
  return out
}

export function logsOfJson(bytes: Buffer): LogRecord[] {
  const out: LogRecord[] = []
  for (const [emitter, log] of emitted(bytes, 'resourceLogs', 'scopeLogs', 'logRecords')) {
    out.push({
      emitter,
      traceId: idOf(log.traceId, 32),
      spanId: idOf(log.spanId, 16),
      eventName: textOf(log.eventName),
      timeUs: microsOf(log.timeUnixNano) || microsOf(log.observedTimeUnixNano),
      facts: factsOf(log.attributes),
    })
  }
  return out
}

export function metricsOfJson(bytes: Buffer, wanted: (metric: string) => boolean): MetricPoint[] {
  const out: MetricPoint[] = []
  for (const [emitter, metric] of emitted(bytes, 'resourceMetrics', 'scopeMetrics', 'metrics')) {
    const name = textOf(metric.name)
    if (!wanted(name)) continue
    for (const data of [metric.sum, metric.histogram, metric.exponentialHistogram]) {
      if (!isObject(data)) continue
      const temporality = TEMPORALITIES[numberOf(data.aggregationTemporality)] ?? 'unspecified'
      for (const point of objectsOf(data.dataPoints)) out.push(pointOf(emitter, name, temporality, rawPoint(point)))
    }
  }
  return out
}

function spanOf(emitter: Emitter, span: JsonObject): SpanRecord {
  return {
    emitter,
    traceId: idOf(span.traceId, 32),
    spanId: idOf(span.spanId, 16),
    parentId: idOf(span.parentSpanId, 16),
    name: textOf(span.name),
    startUs: microsOf(span.startTimeUnixNano),
    endUs: microsOf(span.endTimeUnixNano),
    failed: isObject(span.status) && (span.status.code === 2 || span.status.code === 'STATUS_CODE_ERROR'),
    facts: factsOf(span.attributes),
  }
}

function rawPoint(point: JsonObject): RawPoint {
  const raw: RawPoint = {
    attributes: [],
    facts: newFacts(),
    start: digitsOf(point.startTimeUnixNano),
    time: digitsOf(point.timeUnixNano),
    value: numberOf(point.asInt ?? point.asDouble ?? point.sum),
  }
  for (const { key, value } of objectsOf(point.attributes)) {
    const scalar = scalarOf(value)
    if (typeof key !== 'string' || scalar === undefined) continue
    raw.attributes.push([key, String(scalar)])
    const taking = takingOf(key)
    if (taking !== undefined) take(raw.facts, taking, scalar)
  }
  return raw
}

/** Everything of a signal with who emitted it. */
function* emitted(bytes: Buffer, resources: string, scopes: string, items: string): Generator<[Emitter, JsonObject]> {
  for (const resource of objectsOf(parsed(bytes)[resources])) {
    const facts = factsOf(isObject(resource.resource) ? resource.resource.attributes : undefined)
    for (const scope of objectsOf(resource[scopes])) {
      const { name, version } = isObject(scope.scope) ? scope.scope : { name: '', version: '' }
      const emitter: Emitter = { resource: facts, scope: textOf(name), scopeVersion: textOf(version) }
      for (const item of objectsOf(scope[items])) yield [emitter, item]
    }
  }
}

function parsed(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw new UnreadableRequest('the body is not text in UTF-8')
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new UnreadableRequest(error instanceof Error ? error.message : 'the body is not JSON')
  }
  if (!isObject(value)) throw new UnreadableRequest('the body is not a JSON object')
  return value
}

function factsOf(attributes: unknown): Facts {
  const facts = newFacts()
  for (const { key, value } of objectsOf(attributes)) {
    const taking = typeof key === 'string' ? takingOf(key) : undefined
    const scalar = taking === undefined ? undefined : scalarOf(value)
    if (taking !== undefined && scalar !== undefined) take(facts, taking, scalar)
  }
  return facts
}

function scalarOf(value: unknown): AttributeValue | undefined {
  if (!isObject(value)) return undefined
  const { stringValue, boolValue, intValue, doubleValue } = value
  if (typeof stringValue === 'string') return stringValue
  if (typeof boolValue === 'boolean') return boolValue
  if (intValue !== undefined && intValue !== null) return numberOf(intValue)
  if (doubleValue !== undefined && doubleValue !== null) return numberOf(doubleValue)
  return undefined
}

/** `NaN` where it is no number: the JSON form writes `"NaN"` and `"Infinity"` as text. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)$/.test(value) ? Number(value) : Number.NaN
}

function digitsOf(value: unknown): string {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value).toString()
  return typeof value === 'number' && value >= 0 && Number.isInteger(value) ? BigInt(value).toString() : '0'
}

function microsOf(value: unknown): number {
  const nanos = numberOf(value)
  return nanos > 0 && Number.isFinite(nanos) ? microsOfNanos(nanos) : 0
}

function idOf(value: unknown, chars: number): string | null {
  if (typeof value !== 'string' || value.length !== chars || !/^[0-9a-fA-F]+$/.test(value)) return null
  return /[^0]/.test(value) ? value.toLowerCase() : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
