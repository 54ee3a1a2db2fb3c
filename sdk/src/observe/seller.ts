/** Hosts by which a client's base URL tells who invoices. Elsewhere (a proxy, a gateway) the server infers it from the model. */
const HOSTS: readonly (readonly [suffix: string, seller: string])[] = [
  ['api.openai.com', 'openai'],
  ['openai.azure.com', 'azure'],
  ['cognitiveservices.azure.com', 'azure'],
  ['services.ai.azure.com', 'azure'],
  ['api.anthropic.com', 'anthropic'],
  ['amazonaws.com', 'aws'],
  ['aiplatform.googleapis.com', 'google'],
  ['generativelanguage.googleapis.com', 'google'],
  ['openrouter.ai', 'openrouter'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x-ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.moonshot.ai', 'moonshotai'],
  ['api.moonshot.cn', 'moonshotai'],
  ['aliyuncs.com', 'alibaba'],
]

export function sellerOfClient(client: object): string | undefined {
  try {
    const host = new URL(String((client as { baseURL?: unknown }).baseURL)).hostname.toLowerCase()
    return HOSTS.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`) || host.endsWith(`-${suffix}`))?.[1]
  } catch {
    return undefined
  }
}
