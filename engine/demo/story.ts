import type { AgentsAnswer, AttributionAnswer, ChainAnswer, ChainNode, OpportunitiesAnswer, OverviewAnswer } from '@purser/contract'
import type { Fleet } from './fleet.ts'

const NAME_WIDTH = 22
const TREE_WIDTH = 50
const COST_WIDTH = 10

export interface Teller {
  readonly folder: string
  write(line: string): void
}

/** What two weeks of the fleet cost, told in the order in which a person would ask, with the command for each answer. */
export async function tellStory(url: string, fleet: Fleet, teller: Teller): Promise<void> {
  const get = async <T>(path: string): Promise<T> => (await (await fetch(url + path)).json()) as T
  const say = (...lines: string[]): void => {
    for (const line of lines) teller.write(line)
  }

  const overview = await get<OverviewAnswer>('/v1/finops/dashboard/overview?organization_id=acme&period=30d')
  const { summary } = overview
  say(
    `Acme's agents made ${summary.total_calls.toLocaleString('en-US')} calls for ${usd(summary.total_cost_usd)} in two weeks.`,
    `${summary.failed_calls} failed. ${summary.unpriced_calls} have no known price: they are listed, not counted as free.`,
    '',
  )

  const teams = await get<AttributionAnswer>('/v1/finops/analytics/attribution?organization_id=acme&group_by=team')
  say('Which team spent it?')
  for (const [team, spend] of byCost(teams.attribution))
    say(`  ${team.padEnd(NAME_WIDTH)} ${usd(spend.cost).padStart(COST_WIDTH)}   ${spend.calls.toLocaleString('en-US')} calls`)
  say('')

  const agents = await get<AgentsAnswer>('/v1/finops/analytics/agents?organization_id=acme')
  say('Which agents?')
  for (const [agent, spend] of byCost(agents.agents).slice(0, 5))
    say(`  ${agent.padEnd(NAME_WIDTH)} ${usd(spend.cost).padStart(COST_WIDTH)}   ${spend.models_used.join(', ')}`)
  say('')

  const chain = await get<ChainAnswer>(`/v1/finops/analytics/chains/${fleet.exampleRun}?organization_id=acme`)
  say(`What did one research task do? (${chain.total_calls} calls, ${chain.max_chain_depth} deep, ${usd(chain.total_cost)})`)
  for (const line of treeLines(chain.call_tree, '  ')) say(line)
  say(`  critical path: ${chain.critical_path.map((step) => step.agent ?? 'unnamed').join(' → ')} (${usd(chain.critical_path_cost)})`, '')

  const advice = await get<OpportunitiesAnswer>('/v1/finops/optimization/opportunities?organization_id=acme')
  say(`Where can it be saved? (one night an agent asked the same thing ${fleet.retryLoopCalls} times)`)
  for (const each of advice.opportunities.slice(0, 5)) {
    say(...wrap(`${each.potential_savings === null ? 'no figure' : usd(each.potential_savings)}  ${each.recommendation}`, '  '))
  }
  say(
    '',
    'Look further (the data stays in this folder):',
    `  PURSER_DATA=${teller.folder} npx purser report --by team,agent --last 14d`,
    `  PURSER_DATA=${teller.folder} npx purser sql "SELECT * FROM v_top_spending_agents LIMIT 5"`,
    `  PURSER_DATA=${teller.folder} npx purser verify`,
    `  npm run demo -- --serve            (keeps the server up: documents at /docs)`,
  )
}

function byCost<T extends { readonly cost: number | null }>(lines: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(lines).sort(([, a], [, b]) => (b.cost ?? 0) - (a.cost ?? 0))
}

/** The tree as the terminal shows it. A loop over a stack, so that a deep chain is only long. */
function treeLines(roots: readonly ChainNode[], indent: string): string[] {
  const lines: string[] = []
  const stack = roots.map((node, index) => ({ node, prefix: indent, last: index === roots.length - 1 })).reverse()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, prefix, last } = next
    const label = `${node.agent_name ?? 'unnamed'} (${node.model ?? 'no model'})`
    const branch = `${prefix}${last ? '└─ ' : '├─ '}${label}`
    lines.push(`${branch.padEnd(TREE_WIDTH)} ${usd(node.cost).padStart(COST_WIDTH)}`)
    const below = prefix + (last ? '   ' : '│  ')
    stack.push(...node.children.map((child, index) => ({ node: child, prefix: below, last: index === node.children.length - 1 })).reverse())
  }
  return lines
}

function usd(value: number | null): string {
  if (value === null) return 'not known'
  return value !== 0 && Math.abs(value) < 0.01
    ? `$${value.toFixed(6)}`
    : `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

function wrap(text: string, indent: string, width = 78): string[] {
  const lines: string[] = []
  let line = `${indent}- `
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length > width) {
      lines.push(line.trimEnd())
      line = `${indent}  `
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
