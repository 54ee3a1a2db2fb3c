import { LIMITS } from '../../kernel/index.ts'
import type { Said } from './passage.ts'

/** What a call says of itself, with tags of ours in place of its own of the same names. As many of its own are kept as there is room for. */
export function withTags(said: Said, tags: Readonly<Record<string, string>>): Said {
  const own = Object.entries(said.tags ?? {}).filter(([name]) => !Object.hasOwn(tags, name))
  const ours = Object.entries(tags).map(([name, value]): [string, string] => [name, value.slice(0, LIMITS.tagCharsMax)])
  return { ...said, tags: Object.fromEntries([...own.slice(0, LIMITS.tagsMax - RESERVED - ours.length), ...ours]) }
}

/** What a call is tagged with when it is settled: which call it repeats, and how often it was tried. */
const RESERVED = 2
