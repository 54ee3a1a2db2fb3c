import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findProvider } from '@pydantic/genai-prices'
import type { TableCard, TableCards } from '../src/pricing/catalog/table-cards.ts'
import { readGenaiPrices } from '../src/pricing/feeds/genai-prices.ts'
import type { ModelAlias, RateCard, RateSource } from '../src/pricing/records.ts'

/** The package has no list of its providers; these are the ids of 0.1.8. An id that it no longer knows is an error, not a shorter catalog. */
const PROVIDER_IDS = [
  'anthropic arcee avian aws azure baseten cerebras cloudflare cohere cursor deepseek doubleword fireworks github-copilot google groq',
  'huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic huggingface_nebius huggingface_novita huggingface_nscale',
  'huggingface_ovhcloud huggingface_publicai huggingface_sambanova huggingface_together minimax mistral modal moonshotai novita openai openrouter',
  'ovhcloud perplexity quicksilverpro together typesafe voyageai x-ai zai zhipuai',
].flatMap((line) => line.split(' '))

const PUBLISHED_AT = '2026-09-23T00:00:00Z'

/**
 * The package's table as cards, in the form that the program loads. Run this file after a new version of the package or a change of the reader; a test
 * compares the stored file with what this gives.
 */
export function vendoredCatalog(): string {
  const providers = PROVIDER_IDS.map((id) => {
    const provider = findProvider({ providerId: id })
    if (provider === undefined) throw new Error(`the package has no provider ${id}`)
    return { id, models: provider.models }
  })
  const { version, notice } = packageFacts()
  const facts = { ref: `genai-prices@${version}`, licence: 'MIT', checkedAt: Date.parse(PUBLISHED_AT) }
  const table = readGenaiPrices(JSON.stringify(providers), { ...facts, recordedAt: 'baseline' })
  if (!table.ok) throw new Error(table.error.detail)
  const source: RateSource = { kind: 'feed', ...facts, confidence: 'single' }
  return inLines({ notice, source, unmapped: table.value.unmapped, aliases: table.value.aliases.map(aliasOf), cards: table.value.cards.map(cardOf) })
}

function aliasOf({ seller, name, match, model }: ModelAlias): TableCards['aliases'][number] {
  return { seller, name, match, model }
}

function cardOf({ id, seller, model, validFrom, validTo, recordedAt, status, rates }: RateCard): TableCard {
  return { id, seller, model, validFrom, validTo, recordedAt, status, rates }
}

/** JSON with one card or name a line, so that a change of the table shows as a small difference. */
function inLines(table: TableCards): string {
  const fields = Object.entries(table).map(([name, value]) => {
    const text = Array.isArray(value) ? `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]` : JSON.stringify(value)
    return `"${name}":${text}`
  })
  return `{${fields.join(',\n')}}\n`
}

function packageFacts(): { version: string; notice: string } {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const root = join(dirname(entry), '..')
  const manifest: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return { version: manifest.version, notice: readFileSync(join(root, 'LICENSE'), 'utf8').trim() }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(dirname(fileURLToPath(import.meta.url)), 'genai-cards.json'), vendoredCatalog())
}
