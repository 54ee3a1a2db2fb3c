/** Telemetry in the JSON form, written short: attributes as an object, times as milliseconds. */
export interface ShortSpan {
  readonly trace?: string
  readonly span?: string
  readonly parent?: string
  readonly name?: string
  readonly scope?: string
  readonly startMs?: number
  readonly endMs?: number
  readonly failed?: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface ShortPayload {
  readonly resource?: Readonly<Record<string, unknown>>
  readonly spans: readonly ShortSpan[]
}

export const AT = Date.UTC(2026, 10, 21, 10)

export function traces({ resource = {}, spans }: ShortPayload): { resourceSpans: object[] } {
  const scopes = [...new Set(spans.map(({ scope }) => scope ?? 'test'))]
  const scopeSpans = scopes.map((name) => ({
    scope: { name },
    spans: spans.filter(({ scope }) => (scope ?? 'test') === name).map(spanOf),
  }))
  return { resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans }] }
}

function spanOf(span: ShortSpan): object {
  const { trace = '1', span: id = '1', parent, name = 'span', startMs = AT, endMs = startMs + 1_000, failed = false, attributes } = span
  return {
    traceId: hex(trace, 32),
    spanId: hex(id, 16),
    ...(parent === undefined ? {} : { parentSpanId: hex(parent, 16) }),
    name,
    kind: 3,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(endMs),
    attributes: attributesOf(attributes),
    status: { code: failed ? 2 : 1 },
  }
}

/** Short names of spans and traces become ids; what is as long as an id is one already. */
function hex(name: string, chars: number): string {
  return name.length === chars || name === '' ? name : Buffer.from(name).toString('hex').padStart(chars, '0').slice(-chars)
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
}

function attributesOf(values: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  // What is an object is written as the protocol writes values, also wrongly.
  return (value ?? {}) as object
}

export interface ShortEvent {
  readonly name: string
  readonly scope?: string
  readonly timeMs?: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export function logs({
  resource = {},
  events,
}: {
  readonly resource?: Readonly<Record<string, unknown>>
  readonly events: readonly ShortEvent[]
}): object {
  return {
    resourceLogs: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeLogs: events.map(({ name, scope = 'test', timeMs = AT, attributes }) => ({
          scope: { name: scope },
          logRecords: [{ timeUnixNano: nanos(timeMs), eventName: name, attributes: attributesOf(attributes) }],
        })),
      },
    ],
  }
}

export interface ShortPoint {
  readonly metric: string
  readonly value: number
  readonly startMs?: number
  readonly timeMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly cumulative?: boolean
}

export function metrics({
  resource = {},
  points,
}: {
  readonly resource?: Readonly<Record<string, unknown>>
  readonly points: readonly ShortPoint[]
}): object {
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [
          {
            scope: { name: 'test' },
            metrics: points.map(({ metric, value, startMs = AT, timeMs, attributes, cumulative = false }) => ({
              name: metric,
              sum: {
                aggregationTemporality: cumulative ? 2 : 1,
                isMonotonic: true,
                dataPoints: [
                  { startTimeUnixNano: nanos(startMs), timeUnixNano: nanos(timeMs), asDouble: value, attributes: attributesOf(attributes) },
                ],
              },
            })),
          },
        ],
      },
    ],
  }
}
