import type { Budget, BudgetsAnswer, BudgetWasSet } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { usd } from '../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

export function addBudgetCommands(program: Command, world: CliWorld): void {
  const budgets = program.command('budgets').description('Limits on spending, and how they stand.')
  addList(budgets, world)
  addSet(budgets, world)
  budgets
    .command('remove')
    .description('Remove a budget.')
    .argument('<id>')
    .action((id: string) =>
      connected(world, 'stores', async (connection) => {
        await ask(connection, 'remove_budget', { budget_id: id })
        print(world, `Budget ${id} is removed.`)
      }),
    )
}

function addList(budgets: Command, world: CliWorld): void {
  budgets
    .command('list', { isDefault: true })
    .description('All budgets, and how each stands now.')
    .option('--org <id>')
    .option('--ids', 'their ids in place of how they stand')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; ids?: boolean; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const question = options.org === undefined ? {} : { organization_id: options.org }
        const answer = await ask<BudgetsAnswer>(connection, 'list_budgets', question)
        if (options.json === true) return printJson(world, answer)
        if (answer.budgets.length === 0)
          return remark(world, 'No budgets. Set one: purser budgets set agent researcher --limit 1 --per day')
        if (options.ids === true) return printIds(world, answer)
        print(world, renderTable(COLUMNS, answer.budgets.flatMap(linesOf), terminalWidth(world)))
      }),
    )
}

const COLUMNS = [
  { title: 'budget', shrink: true },
  ...['limit', 'spent', 'held', 'left'].map((title) => ({ title, align: 'right' as const })),
  { title: 'mode' },
]

function printIds(world: CliWorld, { budgets }: BudgetsAnswer): void {
  const rows = budgets.map((budget) => [budget.budget_id, nameOf(budget, budget.value)])
  print(world, renderTable([{ title: 'id' }, { title: 'budget', shrink: true }], rows, terminalWidth(world)))
}

/** A line for each value that the budget counts; one where nothing was counted yet. */
function linesOf(budget: BudgetsAnswer['budgets'][number]): string[][] {
  const { standings, limit_usd, mode } = budget
  if (standings.length === 0) return [[nameOf(budget, budget.value), usd(limit_usd), '', '', usd(limit_usd), mode]]
  return standings.map((standing) => [
    nameOf(budget, standing.value),
    usd(limit_usd),
    usd(standing.spent_usd),
    usd(standing.held_usd),
    usd(standing.remaining_usd),
    mode,
  ])
}

function nameOf({ dimension, period, name }: Budget, value: string): string {
  const what = value === '*' ? `each ${dimension.replace('_', ' ')}` : `${dimension.replace('_', ' ')} ${value}`
  return `${name === null ? '' : `${name}: `}${what}, ${period === 'total' ? 'in all' : `per ${period}`}`
}

interface SetOptions {
  readonly limit: string
  readonly per: string
  readonly zone?: string
  readonly mode?: string
  readonly unpriced?: string
  readonly name?: string
  readonly org?: string
}

function addSet(budgets: Command, world: CliWorld): void {
  budgets
    .command('set')
    .description('Set a limit; set again, it is changed.')
    .argument(
      '<dimension>',
      'organization, agent, team, project, cost_center, user, session, workflow, run, model, seller, key, action, tag:<name>',
    )
    .argument('[value]', 'one value; without it each value has a limit of its own')
    .requiredOption('--limit <usd>', 'the most that may be spent in a period')
    .option('--per <period>', 'hour, day, week, month, quarter, year, total, rolling:24h', 'day')
    .option('--zone <zone>', 'time zone in which a period begins, e.g. Europe/Berlin')
    .option('--mode <mode>', 'hard refuses, soft alerts, shadow only records')
    .option('--unpriced <policy>', 'a model without a known price: deny, worst_case, allow')
    .option('--name <name>')
    .option('--org <id>', 'the organization that it limits')
    .action((dimension: string, value: string | undefined, options: SetOptions) =>
      connected(world, 'stores', async (connection) => {
        const { limit, per, zone, mode, unpriced, name, org } = options
        const answer = await ask<BudgetWasSet>(connection, 'set_budget', {
          dimension,
          limit_usd: limit,
          period: per,
          ...(value === undefined ? {} : { value }),
          ...(zone === undefined ? {} : { zone }),
          ...(mode === undefined ? {} : { mode }),
          ...(unpriced === undefined ? {} : { unpriced }),
          ...(name === undefined ? {} : { name }),
          ...(org === undefined ? {} : { organization_id: org }),
        })
        const { budget, replaced } = answer
        const before = replaced === null ? '' : `; it was $${replaced.limit_usd}, ${replaced.mode}`
        print(world, `${nameOf(budget, budget.value)}: $${budget.limit_usd}, ${budget.mode}${before}. Id ${budget.budget_id}`)
      }),
    )
}
