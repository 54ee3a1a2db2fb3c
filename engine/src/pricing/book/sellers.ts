import { canonicalSeller } from '../../usage/index.ts'

/** How public price tables and routers spell the catalog's sellers, beyond the spellings that responses and traces use. */
const SPELLINGS: Readonly<Record<string, string>> = {
  bedrock_converse: 'aws',
  bedrock_mantle: 'aws',
  'gcp.gen_ai': 'google',
  azure_text: 'azure',
  'azure.ai.inference': 'azure',
  'az.ai.openai': 'azure',
  together_ai: 'together',
  'together-ai': 'together',
  togetherai: 'together',
  fireworks_ai: 'fireworks',
  'fireworks-ai': 'fireworks',
  cohere_chat: 'cohere',
  'novita-ai': 'novita',
  'cloudflare-workers-ai': 'cloudflare',
  github_copilot: 'github-copilot',
  'text-completion-openai': 'openai',
}

/** Names that say how a call was routed and not who sold it. */
const ROUTERS: ReadonlySet<string> = new Set(['', 'litellm', 'litellm_proxy', 'unknown', 'gateway', 'proxy', 'custom'])

/** Clouds whose resold models are listed only in their maker's cards. Azure OpenAI's list is OpenAI's own; Claude on Vertex is Anthropic's. */
export const LISTED_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ['azure', ['openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai', 'mistral', 'cohere']],
  ['google', ['anthropic']],
])

/** Model families and who sells them when a name comes without a seller. Whole words up to the next separator, never a loose substring. */
const FAMILIES: readonly (readonly [start: string, seller: string])[] = [
  ['arn:aws:bedrock:', 'aws'],
  ['arn:aws-us-gov:bedrock:', 'aws'],
  ['publishers/anthropic/', 'google'],
  ['publishers/google/', 'google'],
  ['projects/', 'google'],
  ['models/gemini', 'google'],
  ['accounts/fireworks/', 'fireworks'],
  ['@cf/', 'cloudflare'],
  ['ft:gpt-', 'openai'],
  ['ft:o4-', 'openai'],
  ['gpt-', 'openai'],
  ['chatgpt-', 'openai'],
  ['o1', 'openai'],
  ['o3', 'openai'],
  ['o4-', 'openai'],
  ['text-embedding-3', 'openai'],
  ['text-embedding-ada', 'openai'],
  ['whisper-1', 'openai'],
  ['dall-e-', 'openai'],
  ['claude-', 'anthropic'],
  ['gemini-', 'google'],
  ['grok-', 'x-ai'],
  ['mistral-', 'mistral'],
  ['ministral-', 'mistral'],
  ['magistral-', 'mistral'],
  ['codestral-', 'mistral'],
  ['devstral-', 'mistral'],
  ['pixtral-', 'mistral'],
  ['voxtral-', 'mistral'],
  ['deepseek-', 'deepseek'],
  ['command-', 'cohere'],
  ['rerank-', 'cohere'],
  ['voyage-', 'voyageai'],
  ['kimi-', 'moonshotai'],
  ['moonshot-', 'moonshotai'],
  ['sonar', 'perplexity'],
  ['glm-', 'zhipuai'],
  ['GLM-', 'zhipuai'],
  ['MiniMax-', 'minimax'],
  ['qwen', 'alibaba'],
]

const BEDROCK =
  /^(?:(?:us|eu|apac|jp|au|ca|in|sa|uk|us-gov|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|writer|nvidia)\./

/** The catalog's id of a seller however it is spelt; unknown spellings are kept, so that a private seller can have its own cards. */
export function sellerId(spelling: string): string {
  const id = canonicalSeller(spelling)
  return (Object.hasOwn(SPELLINGS, id) ? SPELLINGS[id] : undefined) ?? id
}

/** Whether the name only says how the call was routed. */
export function isRouter(seller: string): boolean {
  return ROUTERS.has(seller)
}

/**
 * Who sells a model that is named without its seller: from a route prefix (`openrouter/…`, `bedrock/us.…`) or from the family the name begins with.
 * Null when nothing says so; such a call is unpriced rather than priced by a guess.
 */
export function inferSeller(model: string, known: (seller: string) => boolean): { seller: string; model: string } | null {
  for (const [start, seller] of FAMILIES) if (model.startsWith(start)) return { seller, model }
  if (BEDROCK.test(model)) return { seller: 'aws', model }
  const slash = model.indexOf('/')
  if (slash <= 0) return null
  const head = model.slice(0, slash)
  const rest = model.slice(slash + 1)
  if (isRouter(head)) return inferSeller(rest, known)
  const seller = sellerId(head)
  return known(seller) ? { seller, model: rest } : null
}
