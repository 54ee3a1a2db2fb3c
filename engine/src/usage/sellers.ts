/** Spellings of sellers in URLs, SDKs, traces and price feeds → the catalog's seller ids. */
const ALIASES: Readonly<Record<string, string>> = {
  'anthropic-count-tokens': 'anthropic',
  'aws-bedrock': 'aws',
  'aws.bedrock': 'aws',
  bedrock: 'aws',
  'bedrock-converse': 'aws',
  'bedrock-invoke': 'aws',
  amazon: 'aws',
  'amazon-bedrock': 'aws',
  'azure-openai': 'azure',
  azure_openai: 'azure',
  azure_ai: 'azure',
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'az.ai.openai': 'azure',
  'az.ai.inference': 'azure',
  gemini: 'google',
  'google-gla': 'google',
  'google-vertex': 'google',
  'gcp.gemini': 'google',
  'gcp.gen_ai': 'google',
  'gcp.vertex.agent': 'google',
  'gcp.vertex_ai': 'google',
  'gcp-vertex': 'google',
  vertex: 'google',
  vertex_ai: 'google',
  google_vertexai: 'google',
  google_genai: 'google',
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'openai-embeddings': 'openai',
  xai: 'x-ai',
  x_ai: 'x-ai',
  grok: 'x-ai',
  voyage: 'voyageai',
  moonshot: 'moonshotai',
  kimi: 'moonshotai',
  mistralai: 'mistral',
  mistral_ai: 'mistral',
  dashscope: 'alibaba',
  qwen: 'alibaba',
}

const HOSTS: readonly (readonly [suffix: string, seller: string])[] = [
  ['api.openai.com', 'openai'],
  ['openai.azure.com', 'azure'],
  ['cognitiveservices.azure.com', 'azure'],
  ['services.ai.azure.com', 'azure'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'google'],
  ['aiplatform.googleapis.com', 'google'],
  ['amazonaws.com', 'aws'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral'],
  ['api.deepseek.com', 'deepseek'],
  ['openrouter.ai', 'openrouter'],
  ['api.x.ai', 'x-ai'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['api.voyageai.com', 'voyageai'],
  ['api.moonshot.ai', 'moonshotai'],
  ['api.moonshot.cn', 'moonshotai'],
  ['api.perplexity.ai', 'perplexity'],
  ['aliyuncs.com', 'alibaba'],
]

/** The catalog's id of a seller; a name that is not known stays as it is, in lower case. */
export function canonicalSeller(name: string): string {
  const key = name.trim().toLowerCase()
  return (Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined) ?? key
}

/** Who answers at a URL; empty when the host says nothing. */
export function sellerOfUrl(url: string): string {
  const host = hostOf(url)
  if (host === '') return ''
  // Vertex regional hosts put the location first: `us-central1-aiplatform.googleapis.com`.
  const found = HOSTS.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`) || host.endsWith(`-${suffix}`))
  if (found !== undefined) return found[1]
  return host.endsWith(':11434') ? 'ollama' : ''
}

function hostOf(url: string): string {
  try {
    return new URL(url).host.toLowerCase()
  } catch {
    return ''
  }
}
