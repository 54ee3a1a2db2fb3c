import { type Facts, factOf, saidBy, textFact } from './facts.ts'
import type { SpanRecord } from './wire/records.ts'

/**
 * What a span stands for. `model`: one request to a model, which is billed unless a span below it is the same request. `likely`: it has usage and
 * nothing says what it is; billed as long as no model span is known below it. `tool`: the use of a tool. `boundary`: an agent or a chain, whose
 * usage repeats that of the spans below. `none`: anything else.
 */
export type Role = 'model' | 'likely' | 'tool' | 'boundary' | 'none'

/** The first that says what the span is decides: the most specific names come first. */
export function roleOf(span: Pick<SpanRecord, 'facts' | 'name'>): Role {
  const { facts, name } = span
  if (name.startsWith('claude_code.')) return roleIn(CLAUDE_CODE, name) ?? 'none'
  for (const [field, roles] of MARKS) {
    const said = factOf(facts, field)
    const role = said === undefined ? undefined : roles(String(said))
    if (role !== undefined) return role
  }
  // What older releases of pydantic-ai call the run of an agent carries the usage of all its requests.
  if (saidBy(facts, 'agent') === 'agent_name') return 'boundary'
  return saysUsage(facts) ? 'likely' : 'none'
}

const CLAUDE_CODE: Readonly<Record<string, Role>> = {
  'claude_code.llm_request': 'model',
  'claude_code.tool': 'tool',
  'claude_code.interaction': 'boundary',
}

/** Only names of the table itself: `constructor` is none. */
function roleIn(table: Readonly<Record<string, Role>>, name: string): Role | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

type Reading = (said: string) => Role | undefined

const MARKS: readonly (readonly [Parameters<typeof factOf>[1], Reading])[] = [
  [
    'aiOperation',
    (said) => (/\.do[A-Z]\w*$/.test(said) ? 'model' : said === 'ai.toolCall' ? 'tool' : said.startsWith('ai.') ? 'boundary' : undefined),
  ],
  ['inferenceKind', (said) => roleIn(OPENINFERENCE, said.toUpperCase())],
  ['langfuseType', (said) => roleIn(LANGFUSE, said.toLowerCase())],
  ['operation', (said) => roleIn(OPERATIONS, said)],
  ['traceloopKind', (said) => roleIn(TRACELOOP, said)],
  ['requestType', () => 'model'],
  ['langsmithKind', (said) => roleIn(LANGSMITH, said)],
  ['mlflowType', (said) => roleIn(MLFLOW, said.replaceAll('"', ''))],
  ['genkitType', (said) => (said === 'model' || said === 'embedder' ? 'model' : said === 'tool' ? 'tool' : undefined)],
]

const OPENINFERENCE: Readonly<Record<string, Role>> = {
  LLM: 'model',
  EMBEDDING: 'model',
  RERANKER: 'model',
  TOOL: 'tool',
  AGENT: 'boundary',
  CHAIN: 'boundary',
  RETRIEVER: 'boundary',
  GUARDRAIL: 'boundary',
  EVALUATOR: 'boundary',
  PROMPT: 'none',
}

const LANGFUSE: Readonly<Record<string, Role>> = {
  generation: 'model',
  embedding: 'model',
  tool: 'tool',
  agent: 'boundary',
  chain: 'boundary',
  retriever: 'boundary',
  evaluator: 'boundary',
  guardrail: 'boundary',
}

/** `fetch_response` reads a stored response: its usage was billed when it was made. */
const OPERATIONS: Readonly<Record<string, Role>> = {
  chat: 'model',
  generate_content: 'model',
  text_completion: 'model',
  completion: 'model',
  response: 'model',
  embeddings: 'model',
  embedding: 'model',
  rerank: 'model',
  image_generation: 'model',
  transcription: 'model',
  speech: 'model',
  llm_call: 'model',
  execute_tool: 'tool',
  invoke_agent: 'boundary',
  create_agent: 'boundary',
  agent_step: 'boundary',
  invoke_workflow: 'boundary',
  plan: 'boundary',
  retrieval: 'boundary',
  fetch_response: 'none',
}

const TRACELOOP: Readonly<Record<string, Role>> = { workflow: 'boundary', task: 'boundary', agent: 'boundary', tool: 'tool' }
const LANGSMITH: Readonly<Record<string, Role>> = {
  llm: 'model',
  embedding: 'model',
  tool: 'tool',
  chain: 'boundary',
  retriever: 'boundary',
  prompt: 'none',
  parser: 'none',
}
const MLFLOW: Readonly<Record<string, Role>> = {
  LLM: 'model',
  CHAT_MODEL: 'model',
  EMBEDDING: 'model',
  RERANKER: 'model',
  TOOL: 'tool',
  AGENT: 'boundary',
  CHAIN: 'boundary',
  RETRIEVER: 'boundary',
}

const USAGE = [
  'input',
  'output',
  'total',
  'cost',
  'usageDetails',
  'usageMetadata',
  'livekitMetrics',
  'livekitRealtime',
  'providerMetadata',
] as const

/** A span that is of no known kind is taken for a call where it says what was consumed. */
function saysUsage(facts: Facts): boolean {
  return USAGE.some((field) => factOf(facts, field) !== undefined)
}

/** The kind of inference, as the meters of a usage know it. */
export function kindOf(facts: Facts): 'message' | 'embedding' | 'rerank' | 'transcription' | 'image' {
  const said = (
    textFact(facts, 'operation') ??
    textFact(facts, 'aiOperation') ??
    textFact(facts, 'inferenceKind') ??
    textFact(facts, 'requestType') ??
    textFact(facts, 'langfuseType') ??
    ''
  ).toLowerCase()
  if (said.includes('embed')) return 'embedding'
  if (said.includes('rerank')) return 'rerank'
  if (said.includes('transcri')) return 'transcription'
  return said.startsWith('image') ? 'image' : 'message'
}
