import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { billOf, callerOf, callsOf, entriesOf } from '../../../../conformance/otlp/books.ts'
import { doorOf, type Sent } from '../../../../conformance/otlp/door.ts'
import { AT, type ShortSpan, traces } from '../../../../conformance/otlp/payloads.ts'

let server: TestServer
let send: ReturnType<typeof doorOf>
let count = 0
const now = AT + 600_000
beforeAll(async () => {
  server = await testServer({ now: () => now })
  send = doorOf(server.services)
})
afterAll(() => server.close())

const USE = { 'gen_ai.usage.input_tokens': 1_000, 'gen_ai.usage.output_tokens': 100 }
const MODEL = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o' }
const ONE = 3_500_000_000n

async function take(organization: string, sent: readonly Sent[]): Promise<void> {
  for (const each of sent) {
    const answer = await send(callerOf(organization), each)
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}'])
  }
}

function own(): string {
  count += 1
  return `m-${count}`
}

const spans = (list: readonly ShortSpan[], resource = {}): Sent => ({ signal: 'traces', body: traces({ resource, spans: list }) })

/** The same spans in every way that matters: together, one by one, in each order, twice, and with a process that has forgotten everything. */
async function everyWay(list: readonly ShortSpan[], expected: object): Promise<void> {
  const alone = list.map((span) => spans([span]))
  const ways: Sent[][] = [
    [spans(list)],
    [spans([...list].reverse())],
    alone,
    [...alone].reverse(),
    [...alone, ...alone],
    [spans(list), ...alone],
  ]
  for (const way of ways) {
    const organization = own()
    await take(organization, way)
    expect(await billOf(server.services, organization)).toMatchObject(expected)
  }
  const organization = own()
  for (const each of [...alone, ...[...alone].reverse()]) {
    send = doorOf(server.services)
    await take(organization, [each])
  }
  expect(await billOf(server.services, organization)).toMatchObject(expected)
}

describe('one call is billed once', () => {
  it('with a framework above an instrumentation, neither of which has an id of the response', async () => {
    await everyWay(
      [
        { span: 'child', parent: 'parent', startMs: AT + 100, endMs: AT + 800, attributes: { ...MODEL, ...USE } },
        {
          span: 'parent',
          parent: 'root',
          attributes: {
            'openinference.span.kind': 'LLM',
            'llm.model_name': 'gpt-4o',
            'llm.token_count.prompt': 1_000,
            'llm.token_count.completion': 100,
          },
        },
        { span: 'root', attributes: { 'openinference.span.kind': 'CHAIN' } },
      ],
      { calls: 1, cost: ONE, inputTokens: 1_000, outputTokens: 100 },
    )
  })

  it('where only one of the two knows what was used', async () => {
    for (const [below, above] of [
      [USE, {}],
      [{}, USE],
    ]) {
      await everyWay(
        [
          { span: 'child', parent: 'parent', startMs: AT + 100, endMs: AT + 800, attributes: { ...MODEL, ...below } },
          { span: 'parent', attributes: { ...MODEL, ...above } },
        ],
        { calls: 1, unmetered: 0, cost: ONE },
      )
    }
  })

  it('where one of the two knows more of it', async () => {
    const cached = { 'gen_ai.usage.cache_read.input_tokens': 800 }
    for (const [below, above] of [
      [cached, {}],
      [{}, cached],
    ]) {
      await everyWay(
        [
          { span: 'child', parent: 'parent', startMs: AT + 100, endMs: AT + 800, attributes: { ...MODEL, ...USE, ...below } },
          { span: 'parent', attributes: { ...MODEL, ...USE, ...above } },
        ],
        { calls: 1, cost: 2_500_000_000n },
      )
    }
  })

  it('with an id of its response, in whatever traces', async () => {
    const id = { 'gen_ai.response.id': 'chatcmpl-DD5NHIXBbJePohr1VHYM0' }
    await everyWay(
      [
        { trace: 'a', span: 'a', attributes: { ...MODEL, ...USE, ...id } },
        { trace: 'b', span: 'b', attributes: { ...MODEL, ...id } },
        { trace: 'c', span: 'c', attributes: { ...MODEL, ...USE, ...id } },
      ],
      { calls: 1, cost: ONE, unmetered: 0 },
    )
  })
})

describe('two calls are billed twice', () => {
  it('where a wrapper has both below it, and repeats their sum', async () => {
    await everyWay(
      [
        { span: 'one', parent: 'wrap', startMs: AT + 10, endMs: AT + 400, attributes: { ...MODEL, ...USE } },
        { span: 'two', parent: 'wrap', startMs: AT + 500, endMs: AT + 900, attributes: { ...MODEL, ...USE } },
        {
          span: 'wrap',
          attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 2_000, 'gen_ai.usage.output_tokens': 200 },
        },
      ],
      { calls: 2, cost: 2n * ONE },
    )
  })

  it('where a tool that a model has called calls a model', async () => {
    await everyWay(
      [
        { span: 'inner', parent: 'tool', startMs: AT + 300, endMs: AT + 500, attributes: { ...MODEL, ...USE } },
        {
          span: 'tool',
          parent: 'outer',
          startMs: AT + 200,
          endMs: AT + 600,
          attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'ask' },
        },
        { span: 'outer', attributes: { ...MODEL, ...USE, 'gen_ai.usage.output_tokens': 200 } },
      ],
      { calls: 2, cost: 2n * ONE + 1_000_000_000n },
    )
  })

  it('where a local server numbers its responses and starts again', async () => {
    const id = { 'gen_ai.response.id': 'chatcmpl-7' }
    await everyWay(
      [
        { trace: 'a', attributes: { ...MODEL, ...USE, ...id } },
        { trace: 'b', attributes: { ...MODEL, ...USE, ...id } },
      ],
      { calls: 2, cost: 2n * ONE },
    )
  })
})

describe('a call that the gateway has metered', () => {
  it('is not billed again by its telemetry, nor by what stands above it', async () => {
    const name = 'chatcmpl-DD5NHIXBbJePohr1VHYM0'
    const child = {
      span: 'child',
      parent: 'parent',
      startMs: AT + 100,
      endMs: AT + 800,
      attributes: { ...MODEL, ...USE, 'gen_ai.response.id': name },
    }
    const parent = {
      span: 'parent',
      attributes: { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-4o', 'llm.token_count.prompt': 1_000 },
    }
    for (const way of [[spans([child, parent])], [spans([child]), spans([parent])], [spans([parent, child]), spans([child])]]) {
      const organization = own()
      const [recorded] = await callsOfOther(organization, name)
      await take(organization, way)
      expect((await callsOf(server.services, organization)).map(({ id }) => id)).toEqual([recorded])
    }
  })
})

/** Posts a call as the gateway does, with the name that the provider gave to its answer. */
async function callsOfOther(organization: string, name: string): Promise<string[]> {
  const id = `gateway-${organization}`
  const body = { call_id: id, organization_id: organization, model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100, source: 'gateway' }
  expect((await server.send('POST', '/v1/finops/calls/track', body)).status).toBe(200)
  const alias = { id: name, call: id, at: now }
  const posted = await server.services.committer.submit({
    kind: 'record',
    organization,
    recordedAt: now,
    event: { kind: 'call_alias', alias },
  })
  expect(posted.ok).toBe(true)
  return [id]
}

describe('a trace of any shape', () => {
  it('comes to its leaves, in whatever order and pieces it comes', async () => {
    const node = fc.record({
      parent: fc.nat(),
      kind: fc.constantFrom('chat', 'invoke_agent', 'execute_tool', 'http'),
      input: fc.integer({ min: 0, max: 5_000 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(node, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        async (drawn, order) => {
          const nodes = drawn.map((drawnNode, index) => (index === 0 ? { ...drawnNode, kind: 'http' } : drawnNode))
          const list: ShortSpan[] = nodes.map(({ parent, kind, input }, index) => ({
            span: `s${index}`,
            // Model spans hang below agents and tools only, so that which of them are leaves does not depend on what was merged.
            ...(index === 0 ? {} : { parent: `s${holder(nodes, parent % index)}` }),
            startMs: AT + index,
            endMs: AT + 1_000 - index,
            attributes:
              kind === 'http'
                ? { 'http.request.method': 'POST' }
                : { ...MODEL, ...USE, 'gen_ai.operation.name': kind, 'gen_ai.usage.input_tokens': input, 'gen_ai.tool.name': 't' },
          }))
          const leaves = nodes.filter(({ kind }) => kind === 'chat')
          const shuffled = list.map((span, index) => [order[index] ?? 0, span] as const).sort(([one], [other]) => one - other)
          const organization = own()
          await take(
            organization,
            shuffled.map(([, span]) => spans([span])),
          )
          await take(organization, [spans(list)])
          const inputs = leaves.reduce((sum, { input }) => sum + input, 0)
          expect(await billOf(server.services, organization)).toMatchObject({ calls: leaves.length, inputTokens: inputs })
        },
      ),
      { numRuns: 25 },
    )
  })
})

/** The nearest at or above an index that is no model span. */
function holder(nodes: readonly { readonly kind: string; readonly parent: number }[], index: number): number {
  let at = index
  while (at > 0 && nodes[at]?.kind === 'chat') at = (nodes[at]?.parent ?? 0) % at
  return at
}

describe('the tree', () => {
  it('is the trace: a run by the name of its root, the agent above, tools that have a price', async () => {
    const organization = own()
    const set = await server.send('PUT', '/v1/finops/rates', {
      organization_id: organization,
      model: 'search',
      provider: 'purser',
      valid_from: '2026-11-20T00:00:00Z',
      rates: [{ meter: 'request', price: '0.01', per: 1 }],
    })
    expect(set.status, set.text).toBeLessThan(300)
    await take(organization, [
      spans([
        { span: 'root', name: 'POST /ask', attributes: { 'user.id': 'u1' } },
        {
          span: 'agent',
          parent: 'root',
          attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'triage', 'session.id': 's1' },
        },
        { span: 'llm', parent: 'agent', attributes: { ...MODEL, ...USE } },
        { span: 'paid', parent: 'agent', attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' } },
        { span: 'below', parent: 'paid', attributes: { ...MODEL, ...USE } },
        { span: 'free', parent: 'agent', attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'add' } },
      ]),
    ])
    const calls = await callsOf(server.services, organization)
    const paid = calls.find(({ usage }) => usage.seller === 'purser')
    expect(calls).toHaveLength(3)
    expect(paid?.charge).toMatchObject({ status: 'exact', amount: 10_000_000_000n })
    for (const call of calls) expect(call).toMatchObject({ workflow: 'POST /ask', agent: 'triage', session: 's1', user: 'u1' })
    expect(calls.find(({ parentCall }) => parentCall !== null)).toMatchObject({ parentCall: paid?.id, action: 'search' })
    const runs = (await entriesOf(server.services, organization)).map(({ event }) => event.kind).filter((kind) => kind.startsWith('run'))
    expect(runs).toEqual(['run_start', 'run_end'])
  })

  it('is named when its root comes later', async () => {
    const organization = own()
    await take(organization, [
      spans([{ trace: organization, span: 'llm', parent: 'root', attributes: { ...MODEL, ...USE } }]),
      spans([{ trace: organization, span: 'root', name: 'nightly', failed: true, attributes: {} }]),
    ])
    const entries = await entriesOf(server.services, organization)
    expect(entries.map(({ event }) => event.kind)).toEqual(['call', 'run_start', 'run_end'])
    expect(entries[1]).toMatchObject({ late: true, event: { run: { workflow: 'nightly' } } })
    expect(entries[2]).toMatchObject({ event: { run: { success: false } } })
  })

  it('of a trace without calls is none', async () => {
    const organization = own()
    await take(organization, [spans([{ attributes: { 'http.request.method': 'GET' } }])])
    expect(await entriesOf(server.services, organization)).toEqual([])
  })
})

interface Held {
  /** Tokens in and out of each call below; one or several. */
  readonly calls: readonly (readonly [input: number, output: number])[]
  readonly namesModel: boolean
}

const counted = (input: number, output: number) => ({ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output })

/** An agent's steps, each with the sum of its calls, and the agent with the sum of all of them or with nothing, as several instrumentations tell them. */
function stepsOf(held: readonly Held[], sumsUp: boolean): ShortSpan[] {
  const all = (side: 0 | 1): number => held.flatMap(({ calls }) => calls).reduce((total, call) => total + call[side], 0)
  const root: ShortSpan = { span: 'root', name: 'agent', attributes: sumsUp ? counted(all(0), all(1)) : {} }
  return [
    root,
    ...held.flatMap(({ calls, namesModel }, at): ShortSpan[] => {
      const sum = (side: 0 | 1): number => calls.reduce((total, call) => total + call[side], 0)
      const step = { ...counted(sum(0), sum(1)), ...(namesModel ? { 'gen_ai.request.model': 'gpt-4o' } : {}) }
      return [
        { span: `s${at}`, parent: 'root', name: 'step', attributes: step },
        ...calls.map(([input, output], index) => ({
          span: `c${at}-${index}`,
          parent: `s${at}`,
          name: 'chat',
          attributes: { ...MODEL, ...counted(input, output), 'gen_ai.response.id': `chatcmpl-of-step-${at}-number-${index}` },
        })),
      ]
    }),
  ]
}

describe('a span that counts what several calls below it used', () => {
  const uses = fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 500 }))
  const steps = fc.array(fc.record({ calls: fc.array(uses, { minLength: 1, maxLength: 3 }), namesModel: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })

  it('is no call, in whatever order and company it comes, and however often', async () => {
    const places = fc.array(fc.nat(30), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), places, places, async (held, sumsUp, first, second) => {
        const list = stepsOf(held, sumsUp)
        // Each span is sent in the request of its place, and perhaps in another one too.
        const requests = new Map<number, ShortSpan[]>()
        const put = (span: ShortSpan, place: number): void => void requests.set(place, [...(requests.get(place) ?? []), span])
        for (const [at, span] of list.entries()) {
          put(span, first[at] ?? 0)
          const again = second[at]
          if (again !== undefined) put(span, again)
        }
        const organization = own()
        await take(
          organization,
          [...requests].sort(([a], [b]) => a - b).map(([, request]) => spans(request)),
        )
        const calls = held.flatMap((step) => step.calls)
        const sum = (side: 0 | 1): number => calls.reduce((total, call) => total + call[side], 0)
        expect(await billOf(server.services, organization)).toMatchObject({
          calls: calls.length,
          inputTokens: sum(0),
          outputTokens: sum(1),
          cost: BigInt(sum(0)) * 2_500_000n + BigInt(sum(1)) * 10_000_000n,
        })
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
