import { type CallScope, matchesOf, type Standing, standingOf } from '../../ledger/index.ts'
import { readerOf } from '../budgets/standings.ts'
import type { ToolContext } from './tool.ts'

/** Who sells this family's own tools. */
export const TOOL_SELLER = 'purser'

/**
 * Every hard budget that a call of the agent counts in now, and how it stands: by agent and organization, and by the key and what the key gives. With a
 * tool's name also budgets on that tool; without, those on models are left out, because it is not known which one will be called.
 */
export async function limitsOn(context: ToolContext, toolName: string | null): Promise<Standing[]> {
  const { services, organization } = context
  const rules = (await services.ledger.budgets(organization)).filter(({ mode, dimension }) => {
    return mode === 'hard' && (toolName !== null || (dimension !== 'model' && dimension !== 'seller'))
  })
  if (rules.length === 0) return []
  const matches = matchesOf(rules, scopeOf(context, toolName), services.now())
  return Promise.all(
    matches.map(async (match) => {
      const counters = await Promise.all(match.window.map((key) => services.ledger.counter(key)))
      return standingOf(match, readerOf(counters.filter((counter) => counter !== null)))
    }),
  )
}

function scopeOf({ organization, agent, caller }: ToolContext, toolName: string | null): CallScope {
  const { keyId, defaults } = caller
  return {
    organization,
    runs: [],
    model: toolName,
    seller: TOOL_SELLER,
    key: keyId,
    agent,
    user: null,
    session: null,
    workflow: null,
    team: defaults?.team ?? null,
    project: defaults?.project ?? null,
    costCenter: defaults?.costCenter ?? null,
    action: null,
    tags: {},
  }
}
