import type { CallRecord, JournalEntry } from '../../../ledger/index.ts'
import type { Meter } from '../../../usage/index.ts'
import { TOOL_SELLER } from '../../tools/limits.ts'
import { type Counter, counter } from './counters.ts'
import type { Family } from './family.ts'

/** Tools that providers run and bill: each use is a tool call. */
const PROVIDER_TOOLS: readonly (readonly [meter: Meter, tool: string])[] = [
  ['tool.web_search', 'web_search'],
  ['tool.x_search', 'x_search'],
  ['tool.file_search', 'file_search'],
  ['tool.maps', 'maps'],
  ['tool.container_session', 'container'],
]
/** Calls that their caller says are tool calls. */
const TOOL_ACTIONS: ReadonlySet<string> = new Set(['tool', 'tool_call', 'tool_use'])

/** What the ledger has posted beside costs, as counters. */
export interface LedgerCounters {
  entry(entry: JournalEntry): void
  families(): Family[]
}

export function ledgerCounters(): LedgerCounters {
  const made = definitions()
  const { runs, tools, ended, holds, crossings, exhausted, trips } = made
  const count: { readonly [K in JournalEntry['event']['kind']]?: (entry: JournalEntry) => void } = {
    run_start: () => runs.add([], 1),
    run_end: ({ event }) => ended.add([event.kind === 'run_end' && event.run.success ? 'success' : 'failure'], 1),
    hold: () => holds.add(['granted'], 1),
    hold_extend: () => holds.add(['extended'], 1),
    hold_void: () => holds.add(['voided'], 1),
    hold_expire: () => holds.add(['expired'], 1),
    budget_exhausted: ({ event }) => exhausted.add([], event.kind === 'budget_exhausted' ? event.exhaustion.budgets.length : 0),
    call: ({ event, settled }) => {
      if (settled !== undefined) holds.add(['settled'], 1)
      if (event.kind === 'call') countTools(tools, event.call)
    },
  }
  return {
    entry(entry) {
      count[entry.event.kind]?.(entry)
      if (entry.crossed !== undefined) crossings.add([], entry.crossed.length)
      for (const { action } of entry.tripped ?? []) trips.add([action], 1)
    },
    families: () => Object.values(made).map((one) => one.family()),
  }
}

function countTools(tools: Counter, { usage, action }: CallRecord): void {
  if (usage.seller === TOOL_SELLER) {
    tools.add(['purser'], 1)
    return
  }
  for (const { meters } of usage.inferences) {
    for (const [meter, tool] of PROVIDER_TOOLS) {
      const uses = meters[meter]
      if (uses !== undefined) tools.add([tool], uses)
    }
  }
  if (action !== null && TOOL_ACTIONS.has(action.toLowerCase())) tools.add(['reported'], 1)
}

function definitions() {
  const plain = { unit: null, labels: [] }
  return {
    runs: counter({ dotted: 'agent.runs', name: 'agent_runs_total', help: 'Runs of agents that were started.', ...plain }),
    tools: counter({
      dotted: 'agent.tool.calls',
      name: 'agent_tool_calls_total',
      help: "Tools used: the providers' own, as they bill them; Purser's metered ones; and calls with the action tool.",
      unit: null,
      labels: ['tool'],
    }),
    ended: counter({
      dotted: 'agent.runs.ended',
      name: 'agent_runs_ended_total',
      help: 'Runs of agents that have ended, by outcome.',
      unit: null,
      labels: ['outcome'],
    }),
    holds: counter({
      dotted: 'purser.holds',
      name: 'purser_holds_total',
      help: 'What was done with money held for calls: granted, extended, settled, voided, expired.',
      unit: null,
      labels: ['event'],
    }),
    crossings: counter({
      dotted: 'purser.budget.crossings',
      name: 'purser_budget_crossings_total',
      help: 'Thresholds of budgets that were reached.',
      ...plain,
    }),
    exhausted: counter({
      dotted: 'purser.budgets.exhausted',
      name: 'purser_budgets_exhausted_total',
      help: 'Hard budgets that had to refuse a call, once in a period.',
      ...plain,
    }),
    trips: counter({
      dotted: 'purser.breaker.trips',
      name: 'purser_breaker_trips_total',
      help: 'Breakers that have opened, by what they do.',
      unit: null,
      labels: ['action'],
    }),
  } as const
}
