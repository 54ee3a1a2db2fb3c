import { randomBytes as systemBytes } from 'node:crypto'
import protobuf from 'protobufjs/minimal.js'

export const SPANS_PER_BODY = 500
/** What a prompt weighs that an instrumentation records and nobody keeps. */
const PROMPT = 'You are a support agent. Answer the customer in the tone of the house, briefly and without promises. '.repeat(10)

const pool = systemBytes(65_536)
let drawn = 0

/** Ids of their own without a system call for each: random bytes under a count. */
function randomBytes(size: number): Buffer {
  drawn += 1
  const bytes = Buffer.from(pool.subarray(drawn % 60_000, (drawn % 60_000) + size))
  bytes.writeUInt32BE(drawn, size - 4)
  return bytes
}

type Value = string | number
type Attributes = Readonly<Record<string, Value>>

interface Span {
  readonly trace: Buffer
  readonly id: Buffer
  readonly parent: Buffer | null
  readonly name: string
  readonly attributes: Attributes
}

/** Bodies of 500 spans: an agent of three steps, each with a call to a model and the use of a tool. Ten spans, three of them calls. */
export function agentBodies(count: number): Buffer[] {
  return bodies(count, () => {
    const trace = randomBytes(16)
    const root: Span = { trace, id: randomBytes(8), parent: null, name: 'invoke_agent triage', attributes: AGENT }
    const spans = [root]
    for (let step = 0; step < 3; step++) {
      const stepSpan: Span = { trace, id: randomBytes(8), parent: root.id, name: 'agent_step', attributes: STEP }
      spans.push(stepSpan, modelSpan(trace, stepSpan.id))
      spans.push({ trace, id: randomBytes(8), parent: stepSpan.id, name: 'execute_tool search', attributes: TOOL })
    }
    return spans
  })
}

/** Bodies of 500 spans, each a call to a model in a trace of its own that has no other span here. */
export function leafBodies(count: number): Buffer[] {
  return bodies(count, () => [modelSpan(randomBytes(16), randomBytes(8))])
}

function modelSpan(trace: Buffer, parent: Buffer): Span {
  const attributes = {
    ...MODEL,
    'gen_ai.response.id': `chatcmpl-${randomBytes(15).toString('base64url')}`,
    'gen_ai.usage.output_tokens': 300 + (trace[0] ?? 0),
  }
  return { trace, id: randomBytes(8), parent, name: 'chat gpt-4o-mini', attributes }
}

const AGENT = {
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': 'triage',
  'gen_ai.conversation.id': 'conv-8842',
  'session.id': 'sess-19',
  'user.id': 'u-1007',
  'gen_ai.usage.input_tokens': 4_110,
  'gen_ai.usage.output_tokens': 1_200,
}
const STEP = {
  'gen_ai.operation.name': 'agent_step',
  'gen_ai.agent.name': 'triage',
  'gen_ai.usage.input_tokens': 1_370,
  'gen_ai.usage.output_tokens': 400,
}
const TOOL = {
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': 'search',
  'gen_ai.tool.call.id': 'call_ZR5UUuTt3pf61kjw',
  'gen_ai.tool.call.arguments': PROMPT.slice(0, 200),
}
const MODEL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
  'gen_ai.request.max_tokens': 1_024,
  'gen_ai.usage.input_tokens': 1_370,
  'gen_ai.usage.cache_read.input_tokens': 1_280,
  'gen_ai.usage.reasoning.output_tokens': 64,
  'server.address': 'api.openai.com',
  'server.port': 443,
  'gen_ai.input.messages': PROMPT,
  'gen_ai.output.messages': PROMPT.slice(0, 400),
  'http.request.method': 'POST',
  'openai.response.service_tier': 'default',
}
const RESOURCE = {
  'service.name': 'support-agent',
  'service.version': '1.4.2',
  'deployment.environment.name': 'prod',
  team: 'cx-platform',
  'telemetry.sdk.language': 'nodejs',
}

function bodies(count: number, trace: () => Span[]): Buffer[] {
  return Array.from({ length: count }, () => {
    const spans: Span[] = []
    while (spans.length < SPANS_PER_BODY) spans.push(...trace())
    return encode(spans)
  })
}

/** An `ExportTraceServiceRequest`, by the field numbers of opentelemetry-proto. */
function encode(spans: readonly Span[]): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(10).fork()
  writer.uint32(10).fork()
  attributes(writer, RESOURCE, 1)
  writer.ldelim()
  writer.uint32(18).fork()
  writer.uint32(10).fork().uint32(10).string('@ai-sdk/otel').uint32(18).string('1.0.173').ldelim()
  const start = BigInt(Date.now()) * 1_000_000n
  for (const span of spans) {
    writer.uint32(18).fork().uint32(10).bytes(span.trace).uint32(18).bytes(span.id)
    if (span.parent !== null) writer.uint32(34).bytes(span.parent)
    writer.uint32(42).string(span.name).uint32(48).uint32(3)
    fixed64(writer.uint32(57), start)
    fixed64(writer.uint32(65), start + 1_200_000_000n)
    attributes(writer, span.attributes, 9)
    writer.uint32(122).fork().uint32(24).uint32(1).ldelim().ldelim()
  }
  writer.ldelim().ldelim()
  return Buffer.from(writer.finish())
}

function attributes(writer: protobuf.Writer, values: Attributes, field: number): void {
  for (const [key, value] of Object.entries(values)) {
    writer
      .uint32((field << 3) | 2)
      .fork()
      .uint32(10)
      .string(key)
      .uint32(18)
      .fork()
    if (typeof value === 'string') writer.uint32(10).string(value)
    else writer.uint32(24).int64(value)
    writer.ldelim().ldelim()
  }
}

function fixed64(writer: protobuf.Writer, value: bigint): void {
  writer.fixed64(String(value))
}
