/** Where a call went, as its URL says: the model in the path, and what selects a regional rate. */
export interface Address {
  readonly model: string | null
  readonly region: string | null
}

/** Bedrock's inference profiles put a geography before the model id; `global` is cheaper than the others. */
const PROFILE = /^(us-gov|us|eu|apac|jp|au|ca|sa|me|global)\.(?=[a-z0-9-]+\.)/
const BEDROCK_HOST = /^bedrock(?:-runtime|-mantle)?(?:-fips)?\.([a-z0-9-]+)\./
const MODEL_PATH = /\/(?:model|models|deployments)\/([^/?#]+?)(?::(?:[a-zA-Z]+))?(?:[/?#]|$)/

/**
 * Reads model and region from a URL: Bedrock `/model/{id}/converse`, Gemini and Vertex `/models/{id}:generateContent` with
 * `/locations/{region}/`, Azure `/deployments/{name}/`.
 */
export function addressOf(url: string): Address {
  const model = decoded(MODEL_PATH.exec(url)?.[1] ?? '')
  const location = /\/locations\/([a-z0-9-]+)\//.exec(url)?.[1] ?? null
  return { model: model === '' ? null : model, region: location ?? bedrockRegion(url) }
}

/** The geography of an inference profile (`eu.anthropic…` → `eu`); null for a plain model id. */
export function profileRegion(model: string): string | null {
  return PROFILE.exec(model)?.[1] ?? null
}

function bedrockRegion(url: string): string | null {
  const host = /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? ''
  return BEDROCK_HOST.exec(host)?.[1] ?? null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
