import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../conformance/recorded.ts'
import table from './siblings.json' with { type: 'json' }
import { siblingsOf } from './siblings.ts'

describe('siblings', () => {
  it.each([
    ['openai', 'gpt-4o', ['gpt-4o-mini']],
    ['openai', 'gpt-4o-2024-08-06', ['gpt-4o-mini']],
    ['azure', 'gpt-4o', ['gpt-4o-mini']],
    ['anthropic', 'claude-opus-4-1-20250805', ['claude-sonnet-4-5', 'claude-haiku-4-5']],
    ['anthropic', 'claude-3-5-sonnet-latest', ['claude-haiku-4-5']],
    ['google', 'gemini-2.5-pro', ['gemini-2.5-flash', 'gemini-2.5-flash-lite']],
    ['aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', ['us.anthropic.claude-haiku-4-5-20251001-v1:0']],
    ['openrouter', 'anthropic/claude-sonnet-4.5', ['anthropic/claude-haiku-4.5']],
    ['openai', 'gpt-4o-mini', []],
    ['anthropic', 'gpt-4o', []],
    ['nobody', 'gpt-4o', []],
    ['openai', 'constructor', []],
    ['__proto__', 'gpt-4o', []],
    [null, 'gpt-4o', []],
    ['openai', null, []],
  ])('of %s %s', (seller, model, expected) => {
    expect(siblingsOf({ seller, model, inputTokens: 1000 })).toEqual(expected)
  })

  it('leave out those whose window the input does not fit into', () => {
    const call = { seller: 'anthropic', model: 'claude-opus-4-6', inputTokens: 500_000 }
    expect(siblingsOf(call)).toEqual(['claude-sonnet-4-6'])
    expect(siblingsOf({ ...call, inputTokens: 2_000_000 })).toEqual([])
  })

  it('never lead back to the model they replace', () => {
    for (const models of Object.values<Record<string, string[]>>(table.siblings)) {
      for (const [model, cheaper] of Object.entries(models)) {
        expect(cheaper.length).toBeGreaterThan(0)
        for (const sibling of cheaper) expect(models[sibling] ?? []).not.toContain(model)
      }
    }
  })
})

interface FeedModel {
  readonly id: string
  readonly match?: Clause
  readonly prices: unknown
}
interface Clause {
  readonly equals?: string
  readonly starts_with?: string
  readonly ends_with?: string
  readonly contains?: string
  readonly or?: Clause[]
  readonly and?: Clause[]
}

function matches(clause: Clause | undefined, name: string): boolean {
  if (clause === undefined) return false
  if (clause.equals !== undefined) return clause.equals === name
  if (clause.starts_with !== undefined) return name.startsWith(clause.starts_with)
  if (clause.ends_with !== undefined) return name.endsWith(clause.ends_with)
  if (clause.contains !== undefined) return name.includes(clause.contains)
  if (clause.or !== undefined) return clause.or.some((part) => matches(part, name))
  return clause.and?.every((part) => matches(part, name)) ?? false
}

const FEED = 'feeds/genai-prices-0.1.8.json'
const skip = skipReason(FEED)

describe.skipIf(skip !== null)(`siblings against a price table ${skip ?? ''}`, () => {
  const path = recordedPath(FEED)
  const feed: { id: string; models: FeedModel[] }[] = path === null ? [] : JSON.parse(readFileSync(path, 'utf8'))
  const pairs = Object.entries<Record<string, string[]>>(table.siblings).flatMap(([seller, models]) =>
    Object.entries(models).flatMap(([model, cheaper]) => cheaper.map((sibling) => [seller, model, sibling] as const)),
  )

  function inputPrice(seller: string, model: string): number | null {
    const found = feed.find((entry) => entry.id === seller)?.models.find((entry) => entry.id === model || matches(entry.match, model))
    const prices = Array.isArray(found?.prices) ? found.prices.at(-1)?.prices : found?.prices
    const price = prices?.input_mtok
    return typeof price === 'number' ? price : typeof price?.base === 'number' ? price.base : null
  }

  it('knows most of the models, so that the comparison below says something', () => {
    const known = pairs.filter(([seller, model, sibling]) => inputPrice(seller, model) !== null && inputPrice(seller, sibling) !== null)
    expect(known.length / pairs.length).toBeGreaterThan(0.9)
  })

  it.each(pairs)('%s: %s is not cheaper than %s', (seller, model, sibling) => {
    const [before, after] = [inputPrice(seller, model), inputPrice(seller, sibling)]
    expect(after ?? 0).toBeLessThan(before ?? Number.POSITIVE_INFINITY)
  })
})
