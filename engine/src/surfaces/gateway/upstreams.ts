/** The API that an upstream speaks: how it is let in, how it says that something is wrong. */
export type Dialect = 'openai' | 'anthropic' | 'gemini' | 'bedrock'

/** Where calls are passed on to. */
export interface Upstream {
  /** The first part of our path: `/openai/…`. */
  readonly name: string
  readonly seller: string
  readonly dialect: Dialect
  /** What stands before the rest of the path. */
  readonly url: string
  /** The provider's key, from the environment of the server; null: none is there. */
  readonly key: string | null
  /** The header that carries it; `authorization` carries `Bearer <key>`. */
  readonly keyHeader: 'authorization' | 'x-api-key' | 'x-goog-api-key' | 'api-key'
}

type Environment = Readonly<Record<string, string | undefined>>
type Known = Partial<Pick<Upstream, 'seller' | 'dialect' | 'keyHeader'>> & { readonly url: string; readonly keys: readonly string[] }

/** Upstreams that need only a key. An empty address must be set. */
const KNOWN: Readonly<Record<string, Known>> = {
  openai: { url: 'https://api.openai.com', keys: ['OPENAI_API_KEY'] },
  anthropic: { url: 'https://api.anthropic.com', keys: ['ANTHROPIC_API_KEY'], dialect: 'anthropic', keyHeader: 'x-api-key' },
  gemini: {
    url: 'https://generativelanguage.googleapis.com',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    seller: 'google',
    dialect: 'gemini',
    keyHeader: 'x-goog-api-key',
  },
  azure: { url: '', keys: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'], keyHeader: 'api-key' },
  bedrock: { url: '', keys: ['AWS_BEARER_TOKEN_BEDROCK'], seller: 'aws', dialect: 'bedrock' },
  groq: { url: 'https://api.groq.com/openai', keys: ['GROQ_API_KEY'] },
  mistral: { url: 'https://api.mistral.ai', keys: ['MISTRAL_API_KEY'] },
  deepseek: { url: 'https://api.deepseek.com', keys: ['DEEPSEEK_API_KEY'] },
  openrouter: { url: 'https://openrouter.ai/api', keys: ['OPENROUTER_API_KEY'] },
  xai: { url: 'https://api.x.ai', keys: ['XAI_API_KEY'], seller: 'x-ai' },
  together: { url: 'https://api.together.xyz', keys: ['TOGETHER_API_KEY'] },
  fireworks: { url: 'https://api.fireworks.ai/inference', keys: ['FIREWORKS_API_KEY'] },
  perplexity: { url: 'https://api.perplexity.ai', keys: ['PERPLEXITY_API_KEY'] },
  ollama: { url: 'http://127.0.0.1:11434', keys: ['OLLAMA_API_KEY'] },
}

/** Paths that are ours already. */
const TAKEN = ['v1', 'v1development', 'api', 'mcp', 'docs', 'otlp', 'health', 'actuator', 'forecast', 'openapi', 'assets', 'favicon']
const NAME = /^[a-z][a-z0-9-]{0,31}$/
const VARIABLE = /^PURSER_UPSTREAM_([A-Z][A-Z0-9_]*)$/

/**
 * Reads where calls may be passed on to: the known upstreams, and one more for each `PURSER_UPSTREAM_<NAME>`, which speaks OpenAI's API unless it is a known
 * one. What is wrong is added to `wrong`. The addresses come from the operator alone, so private ones are taken: a model on this machine is one.
 */
export function readUpstreams(env: Environment, wrong: string[]): Upstream[] {
  const urls = new Map(Object.entries(KNOWN).map(([name, { url }]): [string, string] => [name, url]))
  const region = textOf(env.AWS_REGION) ?? textOf(env.AWS_DEFAULT_REGION)
  if (region !== null && /^[a-z0-9-]+$/.test(region)) urls.set('bedrock', `https://bedrock-runtime.${region}.amazonaws.com`)
  for (const [variable, value] of Object.entries(env)) {
    const name = VARIABLE.exec(variable)?.[1]?.toLowerCase().replaceAll('_', '-')
    const url = textOf(value)
    if (name === undefined || url === null) continue
    if (!NAME.test(name) || TAKEN.includes(name))
      wrong.push(`${variable}: "${name}" cannot be the name of an upstream; it would be a path of ours`)
    else if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      wrong.push(`${variable} must be an address such as https://api.example.com`)
    else if (new URL(url).username !== '')
      wrong.push(`${variable} must not hold a password; a key is read from ${keyNames(name).join(' or ')}`)
    else urls.set(name, url)
  }
  return [...urls].flatMap(([name, url]) => (url === '' ? [] : [upstreamOf(name, url, env)]))
}

function upstreamOf(name: string, url: string, env: Environment): Upstream {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
  const keys = keyNames(name).flatMap((variable) => textOf(env[variable]) ?? [])
  return {
    name,
    seller: known?.seller ?? name,
    dialect: known?.dialect ?? 'openai',
    url: url.replace(/\/+$/, ''),
    key: keys[0] ?? null,
    keyHeader: known?.keyHeader ?? 'authorization',
  }
}

function keyNames(name: string): readonly string[] {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
  return known?.keys ?? [`${name.toUpperCase().replaceAll('-', '_')}_API_KEY`]
}

function textOf(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim()
}
