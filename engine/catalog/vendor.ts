import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findProvider } from '@pydantic/genai-prices'

/** The package has no list of its providers; these are the ids of 0.1.8. An id that it no longer knows is an error, not a shorter catalog. */
const PROVIDER_IDS = [
  'anthropic arcee avian aws azure baseten cerebras cloudflare cohere cursor deepseek doubleword fireworks github-copilot google groq',
  'huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic huggingface_nebius huggingface_novita huggingface_nscale',
  'huggingface_ovhcloud huggingface_publicai huggingface_sambanova huggingface_together minimax mistral modal moonshotai novita openai openrouter',
  'ovhcloud perplexity quicksilverpro together typesafe voyageai x-ai zai zhipuai',
].flatMap((line) => line.split(' '))

const PUBLISHED_AT = '2026-09-23T00:00:00Z'

/** The catalog as text: what we read of each model, one provider a line so that a change shows as a small difference. */
export function vendoredCatalog(): string {
  const providers = PROVIDER_IDS.map((id) => {
    const provider = findProvider({ providerId: id })
    if (provider === undefined) throw new Error(`the package has no provider ${id}`)
    return JSON.stringify({ id, models: provider.models.map(({ id: model, match, prices }) => ({ id: model, match, prices })) })
  })
  const { version, notice } = packageFacts()
  const head = JSON.stringify({ source: `genai-prices@${version}`, publishedAt: PUBLISHED_AT, licence: 'MIT', notice })
  return `${head.slice(0, -1)},"providers":[\n${providers.join(',\n')}\n]}\n`
}

function packageFacts(): { version: string; notice: string } {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const root = join(dirname(entry), '..')
  const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return { version: manifest.version, notice: readFileSync(join(root, 'LICENSE'), 'utf8').trim() }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(dirname(fileURLToPath(import.meta.url)), 'genai-prices.json'), vendoredCatalog())
}
