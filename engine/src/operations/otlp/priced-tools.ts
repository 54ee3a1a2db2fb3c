import { TOOLS } from '@purser/contract'
import type { Millis } from '../../kernel/index.ts'
import type { CardBook } from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'
import type { RateDesk } from '../pricing/rate-desk.ts'
import { TOOL_SELLER } from '../tools/limits.ts'

const KEPT_MAX = 10_000
/** Their use is posted where they are used. */
const OWN = new Set(TOOLS.map(({ tool }) => tool as string))

/** Which tools have a price: those an organization has set a rate for, as the model of the seller `purser`. */
export interface PricedTools {
  isPriced(organization: string, tool: string, at: Millis): boolean
}

/**
 * A tool without a rate of the organization is not a cost of unknown size: most tools are functions of the program itself. So it is a node of the
 * tree and no call, and nothing is unpriced because of it.
 */
export function pricedTools(rates: RateDesk): PricedTools {
  let book: CardBook | null = null
  const known = new Map<string, boolean>()
  return {
    isPriced(organization, tool, at) {
      if (OWN.has(tool)) return false
      if (book !== rates.book() || known.size >= KEPT_MAX) {
        book = rates.book()
        known.clear()
      }
      const key = `${organization}\n${tool}`
      const before = known.get(key)
      if (before !== undefined) return before
      const { lines } = rates.price(toolUsage(tool, at, null), organization, at)
      const priced = rates.cards(lines.map(({ cardId }) => cardId)).some((card) => card.organization === organization)
      known.set(key, priced)
      return priced
    },
  }
}

/** One use of a tool; one that failed costs nothing. */
export function toolUsage(tool: string, at: Millis, failure: string | null): Usage {
  return {
    seller: TOOL_SELLER,
    modelRequested: tool,
    modelServed: tool,
    at,
    inferences: [{ model: tool, kind: 'other', meters: { request: failure === null ? 1 : 0 }, evidence: { request: 'reported' } }],
    context: {},
    notes: [],
    outcome: failure === null ? { ok: true } : { ok: false, code: failure, message: failure },
  }
}
