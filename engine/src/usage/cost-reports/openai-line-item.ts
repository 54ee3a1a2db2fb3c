import type { Meter, ServiceTier } from '../usage.ts'
import table from './openai-line-items.json' with { type: 'json' }

export interface LineItem {
  readonly model: string | null
  /** Null: the text is not understood. */
  readonly meter: Meter | null
  readonly tier: ServiceTier | null
}

type Modality = 'text' | 'audio' | 'image' | 'video'

const KINDS = table.kinds as Readonly<Record<string, Partial<Readonly<Record<Modality, Meter>>>>>
const SPELLINGS: Readonly<Record<string, string>> = table.spellings
const TIERS = table.tiers as Readonly<Record<string, ServiceTier>>
const TOOLS = table.tools as Readonly<Record<string, Meter>>
const REMARKS: ReadonlySet<string> = new Set(table.remarks)

/**
 * Reads a line item of OpenAI's costs, which is text for people: `gpt-4o-2024-08-06, cached input`, `priority | gpt-5, output, long context`,
 * `gpt-image-1 image, output`, `web search tool calls`. What the table beside this file does not have has no meter, and its own name stands for it.
 */
export function readLineItem(text: string): LineItem {
  const tool = entryOf(TOOLS, wordsOf(text))
  if (tool !== null) return { model: null, meter: tool, tier: null }
  const bar = text.indexOf('|')
  const named = bar < 0 ? null : entryOf(TIERS, wordsOf(text.slice(0, bar)))
  if (bar >= 0 && named === null) return NOT_UNDERSTOOD
  const [head = '', kind, ...remarks] = text
    .slice(bar + 1)
    .split(',')
    .map((part) => part.trim())
  if (kind === undefined || head === '') return NOT_UNDERSTOOD
  const { model, modality } = modelOf(head)
  const tiers = remarks.map((remark) => entryOf(TIERS, wordsOf(remark)))
  const isKnown = remarks.every((remark, index) => tiers[index] !== null || REMARKS.has(wordsOf(remark)))
  const group = entryOf(SPELLINGS, wordsOf(kind))
  const meter = !isKnown || group === null ? null : (entryOf(KINDS, group)?.[modality] ?? null)
  return { model, meter, tier: named ?? tiers.find((tier) => tier !== null) ?? null }
}

const NOT_UNDERSTOOD: LineItem = { model: null, meter: null, tier: null }

/** `gpt-image-1 image`: the model, and what kind of content its tokens stand for. A fine-tuned model is written `ft-` there and `ft:` in calls. */
function modelOf(head: string): { model: string; modality: Modality } {
  const match = /^(\S+)\s+(text|audio|image|video)$/i.exec(head)
  const name = match?.[1] ?? head
  return {
    model: name.startsWith('ft-') ? `ft:${name.slice(3)}` : name,
    modality: (match?.[2]?.toLowerCase() ?? 'text') as Modality,
  }
}

function wordsOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
}

function entryOf<V>(values: Readonly<Record<string, V>>, key: string): V | null {
  return Object.hasOwn(values, key) ? (values[key] ?? null) : null
}

const UNITS: ReadonlySet<string> = new Set(table.units)

/** Whether a quantity in this unit counts what the meter counts. A unit that is not said is the meter's. */
export function countsUnits(unit: unknown): boolean {
  return unit === undefined || unit === null || (typeof unit === 'string' && UNITS.has(wordsOf(unit)))
}
