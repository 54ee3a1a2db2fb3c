import type { CostForecast } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { counted, usd } from '../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

interface ForecastOptions {
  readonly by?: string
  readonly value?: string
  readonly per?: string
  readonly until?: string
  readonly zone?: string
  readonly org?: string
  readonly limit?: string
  readonly days?: boolean
  readonly json?: boolean
}

export function addForecastCommand(program: Command, world: CliWorld): void {
  program
    .command('forecast')
    .description('What the month will have cost, and which budgets will not last.')
    .option('--by <dimension>', 'each value by itself: team, project, cost_center, agent, model, tag:<name>, …')
    .option('--value <value>', 'one value of it')
    .option('--per <period>', 'the running day, week, month, quarter or year', 'month')
    .option('--month', 'the running month, as when nothing is said')
    .option('--until <date>', 'up to the end of this date instead')
    .option('--zone <zone>', 'IANA time zone of days and months')
    .option('--org <id>', 'one organization')
    .option('--limit <lines>', 'at most so many values')
    .option('--days', 'day by day too')
    .option('--json', 'print the answer as JSON')
    .action((options: ForecastOptions) =>
      connected(world, 'stores', async (connection) => {
        const { by, value, per, until, zone, org, limit } = options
        const answer = await ask<CostForecast>(connection, 'forecast_cost', {
          ...(by === undefined ? {} : { groupBy: by }),
          ...(value === undefined ? {} : { value }),
          ...(per === undefined ? {} : { period: per }),
          ...(until === undefined ? {} : { endDate: until }),
          ...(zone === undefined ? {} : { zone }),
          ...(org === undefined ? {} : { organizationId: org }),
          ...(limit === undefined ? {} : { limit: Number(limit) }),
        })
        if (options.json === true) printJson(world, answer)
        else printForecast(world, answer, options.days === true)
      }),
    )
}

function printForecast(world: CliWorld, answer: CostForecast, withDays: boolean): void {
  const width = terminalWidth(world)
  const { daily, zone, value, groupBy } = answer
  const about = value === null ? '' : `, ${groupBy} ${value}`
  print(world, `${daily.at(0)?.date ?? answer.periodStart} to ${daily.at(-1)?.date ?? answer.periodEnd} (${zone})${about}`, '')
  print(world, ...labelled('spent', usd(answer.spendToDateExact), width))
  if (answer.projectedSpend !== null) {
    print(world, ...labelled('all', `${estimated(answer.projectedSpend)}, in 4 of 5 cases from ${intervalText(answer.interval80)}`, width))
  }
  print(world, ...labelled('how', answer.explanation, width))
  if (answer.unpricedCalls > 0)
    remark(world, `Without a known price, and in none of this: ${counted(answer.unpricedCalls, 'call')} (purser rates missing)`)
  if (withDays) print(world, '', renderTable(DAY_COLUMNS, daily.map(dayCells), width))
  if (answer.groups.length > 0) print(world, '', renderTable(GROUP_COLUMNS, answer.groups.map(groupCells), width))
  if (answer.groupsLeftOut) remark(world, `Only the ${answer.groups.length} dearest are shown: --limit`)
  if (answer.budgets.length > 0) print(world, '', renderTable(BUDGET_COLUMNS, answer.budgets.map(budgetCells), width))
  if (answer.budgetsLeftOut > 0) remark(world, `${answer.budgetsLeftOut} more budgets with less spent are not shown.`)
}

const right = (title: string): Column => ({ title, align: 'right' })
const DAY_COLUMNS: readonly Column[] = [{ title: 'day' }, right('spent'), right('to come'), right('least (80%)'), right('most')]
const GROUP_COLUMNS: readonly Column[] = [
  { title: 'value', shrink: true },
  right('spent'),
  right('in all'),
  right('least (80%)'),
  right('most'),
  right('passes'),
]
const BUDGET_COLUMNS: readonly Column[] = [
  { title: 'budget', shrink: true },
  right('limit'),
  right('spent'),
  right('in all'),
  right('passed'),
  { title: 'used up' },
]

function dayCells({ date, spentUsd, medianUsd, interval80 }: CostForecast['daily'][number]): string[] {
  return [date, spentUsd === null ? '' : estimated(spentUsd), orBlank(medianUsd), orBlank(interval80?.low), orBlank(interval80?.high)]
}

function groupCells(group: CostForecast['groups'][number]): string[] {
  const { value, spendToDateExact, projectedSpend, interval80, breachProbability } = group
  const name = value ?? 'unattributed'
  if (projectedSpend === null) return [name, usd(spendToDateExact), 'too early', '', '', chance(breachProbability)]
  return [
    name,
    usd(spendToDateExact),
    estimated(projectedSpend),
    orBlank(interval80?.low),
    orBlank(interval80?.high),
    chance(breachProbability),
  ]
}

function budgetCells(budget: CostForecast['budgets'][number]): string[] {
  const { name, dimension, value, period, limitUsdExact, spentUsdExact, status, projectedSpend, breachProbability } = budget
  const what = `${name === null ? '' : `${name}: `}${dimension} ${value}, ${period === 'total' ? 'in all' : period}`
  const inAll = status === 'not_enough_history' ? 'too early' : orBlank(projectedSpend)
  return [what, usd(limitUsdExact), usd(spentUsdExact), inAll, chance(breachProbability), usedUp(budget)]
}

function usedUp({ status, exhaustionDate, earliestExhaustionDate }: CostForecast['budgets'][number]): string {
  if (status === 'passed') return 'passed'
  if (exhaustionDate !== null) return shortDate(exhaustionDate)
  return earliestExhaustionDate === null ? '' : `perhaps ${shortDate(earliestExhaustionDate)}`
}

/** A day as it is; of an instant the hour. */
function shortDate(text: string): string {
  return text.length > 10 ? `${text.slice(0, 16).replace('T', ' ')}Z` : text
}

function chance(probability: number | null): string {
  if (probability === null) return ''
  if (probability > 0 && probability < 0.01) return '<1%'
  if (probability < 1 && probability > 0.99) return '>99%'
  return `${Math.round(100 * probability)}%`
}

function intervalText(interval: CostForecast['interval80']): string {
  return interval === null ? '' : `${estimated(interval.low)} to ${estimated(interval.high)}`
}

function orBlank(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : estimated(value)
}

/** An estimate, to the cent or, below one, to a hundredth of it. */
function estimated(value: number): string {
  return usd(Math.abs(value) < 0.01 ? value.toFixed(4) : value.toFixed(2))
}
