/** Facts of a response, free of text. */
export type Facts = { [key: string]: unknown }

/** Short enumerated words (`standard`, `ephemeral`, `gpt-4o`, `0.0012`): no spaces, so no sentence passes. */
const WORD = /^[A-Za-z0-9_.:@/+-]{1,128}$/
const ITEMS_MAX = 512
const DEPTH_MAX = 6

/** Fields kept when they hold a number, a boolean, null or a word. */
const SCALARS = [
  ...['id', 'object', 'type', 'model', 'modelVersion', 'provider', 'service_tier', 'status', 'stop_reason', 'created', 'created_at'],
  // Counters that Ollama and Bedrock put at the top.
  ...['done', 'eval_count', 'prompt_eval_count', 'completionReason', 'inputTextTokenCount', 'totalOutputTextTokenCount'],
  ...['prompt_token_count', 'generation_token_count', 'duration', 'input_tokens', 'totalTokens', 'task'],
]

/** Subtrees that hold counters and words only; text in them is dropped all the same. */
const COUNTERS = [
  ...['usage', 'usageMetadata', 'tool_usage', 'server_side_tool_usage_details', 'meta'],
  ...['amazon-bedrock-invocationMetrics', 'performanceConfig', 'serviceTier'],
]

/** Objects of which single words are kept. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  error: ['type', 'code', 'status'],
  incomplete_details: ['reason'],
  promptFeedback: ['blockReason'],
  container: ['id'],
}

/** Lists whose items are billed by kind: what is kept of one item. */
const LISTS: Readonly<Record<string, (item: Facts) => Facts>> = {
  output: outputItem,
  outputs: searchItem,
  content: contentBlock,
  tools: (tool) => words(tool, ['type', 'search_context_size', 'model']),
  choices: (choice) => words(choice, ['index', 'finish_reason']),
  candidates: candidate,
}

/**
 * What metering needs of a provider's response, and nothing that a person wrote or read: ids, model, tier, counters, and the kinds of
 * output items (a web search is billed per item). A list of what is kept, so that a field a provider adds tomorrow is dropped, not leaked.
 */
export function withoutContent(response: unknown): Facts {
  const source = objectOf(response)
  if (source === null) return {}
  const facts: Facts = words(source, SCALARS)
  for (const key of COUNTERS) if (source[key] !== undefined) facts[key] = counters(source[key], DEPTH_MAX)
  for (const [key, kept] of Object.entries(PARTS)) {
    const part = objectOf(source[key])
    if (part !== null) facts[key] = words(part, kept)
  }
  for (const [key, kept] of Object.entries(LISTS)) {
    const list = source[key]
    if (Array.isArray(list)) facts[key] = list.slice(0, ITEMS_MAX).map((item) => kept(objectOf(item) ?? {}))
  }
  addMarks(facts, source)
  keepDeliveredUnknown(facts)
  return facts
}

/** Nested counters, and empty values where only their presence tells an embedding or a rerank from a chat. */
function addMarks(facts: Facts, source: Facts): void {
  const groq = objectOf(source.x_groq)
  if (groq !== null) facts.x_groq = { usage: counters(groq.usage, DEPTH_MAX) }
  const router = objectOf(objectOf(source.trace)?.promptRouter)
  if (router !== null) facts.trace = { promptRouter: words(router, ['invokedModelId']) }
  if (typeof source.text === 'string') facts.text = ''
  if (Array.isArray(source.embeddings)) facts.embeddings = []
  if (objectOf(source.embedding)?.values !== undefined) facts.embedding = { values: [] }
  else if (Array.isArray(source.embedding)) facts.embedding = []
  if (Array.isArray(source.data))
    facts.data = source.data.slice(0, 1).map((item) => words(objectOf(item) ?? {}, ['object', 'relevance_score']))
  if (Array.isArray(source.results)) {
    facts.results = source.results.slice(0, ITEMS_MAX).map((item) => words(objectOf(item) ?? {}, ['tokenCount']))
  }
}

/** An error before any output is known to cost nothing. After output, without counters, the cost is unknown: the error must not hide that. */
function keepDeliveredUnknown(facts: Facts): void {
  const delivered = [facts.output, facts.content, facts.choices].some((list) => Array.isArray(list) && list.length > 0)
  if (!delivered || objectOf(facts.usage) !== null) return
  delete facts.error
  if (facts.status === 'failed') delete facts.status
}

/** An item of OpenAI's Responses output; a search counts by its action, a code interpreter by its container. */
function outputItem(item: Facts): Facts {
  const action = objectOf(item.action)
  return { ...words(item, ['type', 'id', 'status', 'container_id']), ...(action === null ? {} : { action: words(action, ['type']) }) }
}

/** A step of a Gemini interaction. */
function searchItem(item: Facts): Facts {
  const queries = unnamed(objectOf(item.arguments)?.queries)
  return { ...words(item, ['type']), ...(queries === null ? {} : { arguments: { queries } }) }
}

/** A block of an Anthropic message; server tools are billed by name, a fallback names the models that answered. */
function contentBlock(block: Facts): Facts {
  const kept = block.type === 'server_tool_use' ? words(block, ['type', 'name']) : words(block, ['type'])
  for (const side of ['from', 'to']) {
    const model = objectOf(block[side])
    if (block.type === 'fallback' && model !== null) kept[side] = words(model, ['model'])
  }
  return kept
}

function candidate(item: Facts): Facts {
  const kept = words(item, ['index', 'finishReason'])
  const grounding = objectOf(item.groundingMetadata)
  if (grounding === null) return kept
  const webSearchQueries = unnamed(grounding.webSearchQueries)
  const usesMaps =
    Array.isArray(grounding.groundingChunks) && grounding.groundingChunks.some((chunk) => objectOf(chunk)?.maps !== undefined)
  return {
    ...kept,
    groundingMetadata: {
      ...(webSearchQueries === null ? {} : { webSearchQueries }),
      ...(usesMaps ? { groundingChunks: [{ maps: {} }] } : {}),
    },
  }
}

/** Grounding is billed per different query: how many there were is kept, their words are not. */
function unnamed(queries: unknown): string[] | null {
  if (!Array.isArray(queries)) return null
  return [...new Set(queries.slice(0, ITEMS_MAX))].map((_, index) => `query-${index + 1}`)
}

function words(source: Facts, keys: readonly string[]): Facts {
  const kept: Facts = {}
  for (const key of keys) {
    const value = source[key]
    if (isWord(value)) kept[key] = value
  }
  return kept
}

function counters(value: unknown, depth: number): unknown {
  if (isWord(value)) return value
  if (depth === 0) return undefined
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => counters(item, depth - 1))
  const source = objectOf(value)
  if (source === null) return undefined
  const kept: Facts = {}
  for (const [key, item] of Object.entries(source)) if (WORD.test(key) && key !== '__proto__') kept[key] = counters(item, depth - 1)
  return kept
}

function isWord(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && WORD.test(value))
}

export function objectOf(value: unknown): Facts | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : null
}
