import { TOOLS } from '@purser/contract'
import type { Millis } from '../../kernel/index.ts'
import type { CardBook, RateCard } from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'
import type { RateDesk } from '../pricing/rate-desk.ts'
import { TOOL_SELLER } from '../tools/limits.ts'

/** Their use is posted where they are used. */
const OWN = new Set(TOOLS.map(({ tool }) => tool as string))

/** Which tools have a price: those an organization has set a rate for, as the model of the seller `purser`. */
export interface PricedTools {
  mayHavePrice(organization: string, tool: string): boolean
}

/**
 * A tool without a rate of the organization is not a cost of unknown size: most tools are functions of the program itself. So it is a node of the
 * tree and no call, and nothing is unpriced because of it.
 */
export function pricedTools(rates: RateDesk): PricedTools {
  let book: CardBook | null = null
  let priced: ReadonlySet<string> = new Set()
  return {
    mayHavePrice(organization, tool) {
      if (book !== rates.book()) {
        book = rates.book()
        priced = new Set([...book.cards.values()].filter(isToolCard).map((card) => `${card.organization}\n${card.model}`))
      }
      return priced.size > 0 && !OWN.has(tool) && priced.has(`${organization}\n${tool}`)
    },
  }
}

function isToolCard({ organization, seller, rates }: RateCard): boolean {
  return organization !== null && (seller === TOOL_SELLER || seller === '*') && rates.some(({ meter }) => meter === 'request')
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
