import { partOf, readCounter } from '../payload/counters.ts'
import { isObject, textAt } from '../payload/json.ts'
import type { Modalities } from '../payload/split.ts'
import type { UsageNote } from '../usage.ts'

const NAMES: Readonly<Record<string, keyof Modalities>> = { AUDIO: 'audio', IMAGE: 'image', VIDEO: 'video' }

/**
 * A list of `{modality, tokenCount}` (Interactions: `{modality, tokens}` in lower case). The list may not sum to its total; text,
 * documents and whatever is not listed are the remainder.
 */
export function modalitiesOf(details: readonly unknown[], notes: UsageNote[]): Modalities {
  const found = { audio: 0, image: 0, video: 0 }
  for (const item of details) {
    if (!isObject(item)) continue
    const name = NAMES[(textAt(item, 'modality') ?? '').toUpperCase()]
    if (name === undefined) continue
    found[name] += partOf(readCounter(item, item.tokenCount === undefined ? 'tokens' : 'tokenCount', notes))
  }
  return found
}
