import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { type Bill, billOf, callerOf, callsOf } from '../../../../conformance/otlp/books.ts'
import { doorOf } from '../../../../conformance/otlp/door.ts'
import { type ExportedRun, exportedRuns } from '../../../../conformance/otlp/exported-runs.ts'
import { recordedJson, skipReason } from '../../../../conformance/recorded.ts'
import { picosOfUsd } from '../../kernel/index.ts'

const skip = skipReason('framework-traces')
const skipAgents = skipReason('otlp/coding-agents')

/**
 * Where our books are not what the product that exported a run made of it. Its instrumentation sent no counts, and the product counted the texts itself; or it
 * sent more than the product took, or the product counts a span and what it holds.
 */
const OTHERWISE: Readonly<Record<string, Partial<Bill>>> = {
  'agno-2025-06-11': { calls: 2, unmetered: 2, inputTokens: 0, outputTokens: 0 },
  'beeai-2025-08-01': { calls: 5, unmetered: 5, inputTokens: 0, outputTokens: 0 },
  'claude-agent-2025-12-22': { calls: 4, unmetered: 4, inputTokens: 0, outputTokens: 0 },
  'koog-2025-08-26': { calls: 2, unmetered: 2, inputTokens: 0, outputTokens: 0 },
  // The call that was made, and not the one around it, whose texts were counted once more.
  'vercel-aisdk-2025-11-17': { calls: 1, unmetered: 0, inputTokens: 62, outputTokens: 85, cost: 927_500_000n },
  // 1,173 tokens are in the total alone: Gemini's thoughts, which are billed as output.
  'vertex-ai-2025-08-01': { calls: 1, unmetered: 0, inputTokens: 5, outputTokens: 2_018, cost: 5_046_500_000n },
}

/** Costs are stated as binary fractions. */
const NEAR = 10_000n

let server: TestServer
let send: ReturnType<typeof doorOf>
beforeAll(async () => {
  server = await testServer()
  send = doorOf(server.services)
})
afterAll(() => server.close())

let count = 0
async function billed(bodies: readonly object[]): Promise<Bill> {
  count += 1
  for (const body of bodies) {
    const { status, body: answer } = await send(callerOf(`run-${count}`), { signal: 'traces', body })
    expect({ status, answer: answer.toString() }).toEqual({ status: 200, answer: '{}' })
  }
  return billOf(server.services, `run-${count}`)
}

function expectedOf({ name, stated }: ExportedRun): Partial<Bill> {
  const { calls, inputTokens, outputTokens } = stated
  return OTHERWISE[name] ?? { calls, failed: 0, unmetered: 0, inputTokens, outputTokens }
}

describe.skipIf(skip !== null)(`runs of agent frameworks${skip === null ? '' : `: ${skip}`}`, () => {
  const runs = exportedRuns()

  it('has them', () => {
    expect(runs.length).toBe(17)
  })

  it.each(runs.map((run) => [run.name, run] as const))('%s comes to what its instrumentation said', async (_name, run) => {
    const once = await billed([run.body])
    expect(once).toMatchObject(expectedOf(run))
    if (OTHERWISE[run.name] === undefined) {
      const stated = picosOfUsd(run.stated.costUsd.toFixed(12)) ?? -1n
      expect(once.cost - stated < NEAR && stated - once.cost < NEAR, `${once.cost} beside ${stated}`).toBe(true)
    }
    const apart = run.body.resourceSpans.map((span) => ({ resourceSpans: [span] }))
    for (const bodies of [[run.body, run.body], apart, [...apart].reverse()]) {
      const { calls, unmetered, inputTokens, outputTokens, cost } = await billed(bodies)
      const { sources: _sources, failed: _failed, cacheRead: _cacheRead, ...same } = once
      expect({ calls, unmetered, inputTokens, outputTokens, cost }).toEqual(same)
    }
  })
})

interface Captured {
  readonly scopeName: string
  readonly spanName: string
  readonly attributes: Readonly<Record<string, unknown>>
}

function spanOf({ scopeName, spanName, attributes }: Captured): object {
  const anyValue = (value: unknown): object => {
    if (typeof value === 'object') return { arrayValue: value }
    return Number.isInteger(value) ? { intValue: String(value) } : { stringValue: String(value) }
  }
  const span = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: spanName,
    startTimeUnixNano: `${Date.parse('2026-06-06T08:25:09Z')}000000`,
    endTimeUnixNano: `${Date.parse('2026-06-06T08:25:11Z')}000000`,
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
  }
  return { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: scopeName }, spans: [span] }] }] }
}

describe.skipIf(skipAgents !== null)(`captured from coding agents${skipAgents === null ? '' : `: ${skipAgents}`}`, () => {
  const captured = recordedJson<Captured>('otlp/coding-agents')
  const rows = [
    // Adds up the requests of a turn, which are told of by themselves.
    ['codex-B.session_task_turn.json', []],
    ['gemini-B.llm_call.json', [{ input: 767, output: 30 }]],
    ['opencode-B.doStream.json', [{ input: 3, 'input.cache_write_5m': 12_629, output: 13 }]],
  ] as const

  it.each(rows)('%s', async (file, meters) => {
    count += 1
    const data = captured.find((each) => each.file === file)?.data
    if (data === undefined) throw new Error(`${file} is there`)
    await send(callerOf(`run-${count}`), { signal: 'traces', body: spanOf(data) })
    const calls = await callsOf(server.services, `run-${count}`)
    expect(calls.map(({ usage }) => usage.inferences[0]?.meters)).toEqual(meters)
  })
})

describe.skipIf(skipAgents !== null)(`samples of telemetry of one's own${skipAgents === null ? '' : `: ${skipAgents}`}`, () => {
  const samples = recordedJson<object>('otlp/coding-agents/hand-written')
  const METERED: Readonly<Record<string, Partial<Bill>>> = {
    'claude_code.json': { calls: 1, inputTokens: 187, outputTokens: 53 },
    'claude_cowork.json': { calls: 1, inputTokens: 256, outputTokens: 92 },
    'cursor.json': { calls: 1, inputTokens: 412, outputTokens: 118 },
  }

  it.each(samples.map(({ file, data }) => [file, data] as const))('%s', async (file, sample) => {
    count += 1
    // Their ids are to be filled in by who sends them.
    const text = JSON.stringify(sample)
    const body = JSON.parse(
      text.replace('"0'.padEnd(33, '0'), '"0'.padEnd(33, '7')).replace('"0'.padEnd(17, '0'), '"0'.padEnd(17, '7')),
    ) as object
    const { body: answer } = await send(callerOf(`run-${count}`), { signal: 'traces', body })
    expect(answer.toString()).toBe('{}')
    expect(await billOf(server.services, `run-${count}`)).toMatchObject(METERED[file] ?? { calls: 0, cost: 0n })
    const refused = await send(callerOf(`run-${count}`), { signal: 'traces', body: sample })
    expect(refused.body.toString()).toContain('"rejectedSpans":"1"')
  })
})
