import { withoutCloudVersion } from '../book/names.ts'
import type { ModelAlias } from '../records.ts'
import { isRecord, type Unmapped } from './feed.ts'

/** How firmly a clause of the table names a model; a firmer clause wins a name that two models claim. */
const CLAUSES = ['equals', 'starts_with', 'ends_with', 'contains'] as const

/**
 * Exact names from the table's match clauses. A literal of any clause is taken as a name of its own; what the clause would also match (a longer name, a
 * substring, an expression) is not, because `claude-opus-5-5` once matched "starts with claude-opus-5" at another price. Dated
 * snapshots are recognised by our own rule. Fine-tuned names keep their prefix: there the seller itself appends an id.
 */
export function aliasesOf(seller: string, models: readonly unknown[]): { aliases: ModelAlias[]; unmapped: Unmapped[] } {
  const claims = new Map<string, { rank: number; model: string; prefix: boolean }>()
  const unmapped: Unmapped[] = []
  const ids = new Set(models.flatMap((model) => (isRecord(model) && typeof model.id === 'string' ? [model.id] : [])))
  for (const model of models) {
    if (!isRecord(model) || typeof model.id !== 'string') continue
    const literals = literalsOf(model.match)
    if (seller === 'aws') literals.push({ rank: CLAUSES.length, text: withoutCloudVersion(model.id) })
    for (const { rank, text } of literals) {
      if (ids.has(text) || text === '') continue
      const claim = claims.get(text)
      if (claim !== undefined && claim.rank === rank && claim.model !== model.id) {
        unmapped.push({ seller, model: model.id, field: 'match', value: text, reason: 'name_conflict' })
      }
      if (claim === undefined || rank < claim.rank)
        claims.set(text, { rank, model: model.id, prefix: rank === 1 && text.startsWith('ft:') })
    }
  }
  const aliases = [...claims].map(
    ([name, claim]): ModelAlias => ({
      seller,
      name,
      match: claim.prefix ? 'prefix' : 'equals',
      model: claim.model,
      validFrom: 0,
      validTo: null,
    }),
  )
  return { aliases, unmapped }
}

/** Literals of `or` branches. An `and` narrows its parts, so none of them is a name by itself; expressions are never read. */
function literalsOf(match: unknown): { rank: number; text: string }[] {
  if (!isRecord(match)) return []
  if (Array.isArray(match.or)) return match.or.flatMap(literalsOf)
  return CLAUSES.flatMap((clause, rank) => {
    const text = match[clause]
    return typeof text === 'string' ? [{ rank, text }] : []
  })
}
