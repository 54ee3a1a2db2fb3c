import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OTLP_SIGNALS, type OtlpSignal } from '@purser/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { type Bill, billOf, callerOf } from '../../../../conformance/otlp/books.ts'
import { doorOf, type Sent } from '../../../../conformance/otlp/door.ts'
import { recordedJson, recordedPath, skipReason } from '../../../../conformance/recorded.ts'

const FOLDER = 'otlp/generated'
const skip = skipReason(FOLDER)

interface Scenario {
  readonly scenario: string
  readonly cassettes: readonly string[]
  readonly produced: readonly string[]
}

interface Cassette {
  readonly expected_usage: { readonly input_total: number; readonly output_total: number; readonly cache_read: number } | null
}

const cassettes = new Map(recordedJson<Cassette>('cassettes').map(({ file, data }) => [file, data]))

function scenarios(): Scenario[] {
  const folder = recordedPath(FOLDER)
  if (folder === null) return []
  return ['openinference', 'otel-contrib', 'traceloop', 'vercel-ai'].flatMap((maker) => {
    const manifest = JSON.parse(readFileSync(join(folder, `_manifest.${maker}.json`), 'utf8')) as Partial<Scenario>[]
    return manifest.filter((entry): entry is Scenario => entry.scenario !== undefined)
  })
}

function payload(file: string): Sent {
  const bytes = readFileSync(join(recordedPath(FOLDER) ?? '', file))
  const signal = OTLP_SIGNALS.find((name) => file.includes(`.${name}.`)) as OtlpSignal
  return { signal, body: file.endsWith('.pb') ? bytes : (JSON.parse(bytes.toString('utf8')) as object) }
}

/** Instrumentations that lose the usage of a stream: the payload holds no counter at all. */
const LOST = /^(?:openinference|traceloop)\.openai-chat\.stream/
/** Instrumentations that make no span of a request that failed. */
const UNSEEN = /^(?:openinference|traceloop)\.openai-chat\.error/
/** Instrumentations that do not pass on how much of the input was cached. */
const NO_CACHE = /^(?:otel-contrib|traceloop)\.openai/

function expected({ scenario, cassettes: names }: Scenario): Partial<Bill> {
  if (UNSEEN.test(scenario)) return { calls: 0, failed: 0, unmetered: 0, inputTokens: 0, outputTokens: 0, cost: 0n }
  const usages = names.map((name) => cassettes.get(name)?.expected_usage ?? null)
  const sum = (of: 'input_total' | 'output_total' | 'cache_read') => usages.reduce((total, usage) => total + (usage?.[of] ?? 0), 0)
  if (LOST.test(scenario)) return { calls: names.length, unmetered: names.length, inputTokens: 0, outputTokens: 0, cost: 0n }
  return {
    calls: names.length,
    failed: usages.filter((usage) => usage === null).length,
    unmetered: 0,
    inputTokens: sum('input_total'),
    outputTokens: sum('output_total'),
    ...(NO_CACHE.test(scenario) ? {} : { cacheRead: sum('cache_read') }),
  }
}

interface Spans {
  readonly resourceSpans: readonly {
    readonly resource: object
    readonly scopeSpans: readonly { readonly scope: object; readonly spans: readonly object[] }[]
  }[]
}

/** Each span in a request of its own. */
function oneByOne({ signal, body }: Sent): Sent[] {
  return (body as Spans).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({ signal, body: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] } })),
    ),
  )
}

describe.skipIf(skip !== null)(`recorded telemetry${skip === null ? '' : `: ${skip}`}`, () => {
  let server: TestServer
  let send: ReturnType<typeof doorOf>
  let count = 0
  beforeAll(async () => {
    server = await testServer()
    send = doorOf(server.services)
  })
  afterAll(() => server.close())

  async function billed(sent: readonly Sent[]): Promise<Bill> {
    count += 1
    const organization = `org-${count}`
    for (const each of sent) {
      const answer = await send(callerOf(organization), each)
      expect(answer.status, answer.body.toString()).toBe(200)
      expect(['', '{}']).toContain(answer.body.toString())
    }
    return billOf(server.services, organization)
  }

  it.each(scenarios().map((scenario) => [scenario.scenario, scenario] as const))(
    '%s comes to what its exchanges used',
    async (_name, scenario) => {
      const files = scenario.produced.filter((file) => recordedPath(`${FOLDER}/${file}`) !== null).map(payload)
      const traces = files.filter(({ signal }) => signal === 'traces')
      const [json] = traces.filter(({ body }) => !(body instanceof Uint8Array))
      if (json === undefined) throw new Error('each scenario has a trace in JSON')
      const binary = traces.filter(({ body }) => body instanceof Uint8Array)
      const spans = oneByOne(json)
      const once = await billed([json])
      expect(once).toMatchObject(expected(scenario))
      const ways: Record<string, Sent[]> = {
        ...(binary.length === 0 ? {} : { protobuf: binary }),
        'both encodings': traces,
        twice: [json, json],
        'with logs': [...files.filter(({ signal }) => signal !== 'metrics')],
        'logs first': [...files.filter(({ signal }) => signal !== 'metrics')].reverse(),
        'span by span': spans,
        'span by span, backwards': [...spans].reverse(),
        'span by span and again': [...spans, json, ...spans],
        'parents first, then all': [...[...spans].reverse(), json],
      }
      for (const [way, sent] of Object.entries(ways)) {
        const { calls, failed, unmetered, inputTokens, outputTokens, cost } = await billed(sent)
        expect({ way, calls, failed, unmetered, inputTokens, outputTokens, cost }).toEqual({
          way,
          calls: once.calls,
          failed: once.failed,
          unmetered: once.unmetered,
          inputTokens: once.inputTokens,
          outputTokens: once.outputTokens,
          cost: once.cost,
        })
      }
    },
  )
})

const LANGFUSE = 'otlp/langfuse/otel-mapping.dev.jsonl'
const skipLangfuse = skipReason(LANGFUSE)

/** What each of the payloads says, read by a person: input with its cache, and output. Null: it is no call. */
const LANGFUSE_USE: readonly (readonly [number, number] | null)[] = [
  [123, 456],
  [14, 173],
  [120, 40],
  [50_000, 200],
  null,
  [15, 0],
  [100, 0],
  [0, 0],
  [0, 0],
  [0, 100],
  [100, 0],
  [100, 40],
  [100, 60],
  null,
  [100, 0],
  [1_000, 200],
  [1_000, 200],
  [1_000, 200],
  [18_495, 445],
  [16_000, 300],
  [5_100, 0],
]

/** Bytes and 64-bit integers as the library printed them that read the recording → the JSON form of the protocol. */
function protocolJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protocolJson)
  if (typeof value !== 'object' || value === null) return value
  const { type, data, low, high } = value as { type?: string; data?: number[]; low?: number; high?: number }
  if (type === 'Buffer' && data !== undefined) return Buffer.from(data).toString('hex')
  if (low !== undefined && high !== undefined) return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString()
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, protocolJson(member)]))
}

describe.skipIf(skipLangfuse !== null)(`recorded telemetry of other emitters${skipLangfuse === null ? '' : `: ${skipLangfuse}`}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer()
  })
  afterAll(() => server.close())

  const path = recordedPath(LANGFUSE)
  const lines =
    path === null
      ? []
      : readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')

  it.each(lines.map((line, index) => [index, line] as const))('payload %i comes to what it says', async (index, line) => {
    const { payload: resourceSpans } = JSON.parse(line) as { payload: unknown }
    const body = { resourceSpans: protocolJson(resourceSpans) }
    const organization = `other-${index}`
    const send = doorOf(server.services)
    for (let time = 0; time < 2; time++) {
      expect((await send(callerOf(organization), { signal: 'traces', body })).status).toBe(200)
    }
    const expected = LANGFUSE_USE[index] ?? null
    const bill = await billOf(server.services, organization)
    expect([bill.calls, bill.inputTokens, bill.outputTokens]).toEqual(expected === null ? [0, 0, 0] : [1, ...expected])
  })
})
