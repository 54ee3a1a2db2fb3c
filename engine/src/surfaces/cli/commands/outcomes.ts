import type { OutcomesAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { count, counted, usd } from '../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

interface OutcomesOptions {
  readonly per: string
  readonly by?: string
  readonly workflow?: string
  readonly weeks: string
  readonly filter?: string
  readonly zone?: string
  readonly org?: string
  readonly json?: true
}

export function addOutcomesCommand(program: Command, world: CliWorld): void {
  program
    .command('outcomes')
    .description('What a successful run, a task, a user or a session costs, week over week.')
    .option('--per <outcome>', 'run, task, user, session', 'run')
    .option('--by <dimension>', 'with --per task: whose values are tasks (tag:task)')
    .option('--workflow <name>', 'runs of this workflow, with all runs below them')
    .option('--weeks <count>', 'so many weeks up to now', '8')
    .option('--filter <text>', 'dimension=value; several values by commas, several dimensions by ;')
    .option('--zone <zone>', 'IANA time zone in which weeks begin')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action(({ org, json, weeks, ...query }: OutcomesOptions) =>
      connected(world, 'stores', async (connection) => {
        const question = { ...query, weeks: Number(weeks), ...(org === undefined ? {} : { organization_id: org }) }
        const answer = await ask<OutcomesAnswer>(connection, 'cost_per_outcome', question)
        if (json === true) printJson(world, answer)
        else printOutcomes(world, answer)
      }),
    )
}

function printOutcomes(world: CliWorld, answer: OutcomesAnswer): void {
  const { per, weeks, total, outside, trend } = answer
  if (total.attempts === 0) {
    remark(world, `No ${per} in these weeks.`, 'More of them: --weeks 26')
    return
  }
  const width = terminalWidth(world)
  const columns: Column[] = [
    { title: 'week' },
    ...(per === 'run' ? ['runs', 'succeeded', 'failed'] : [`${per}s`]).map((title) => ({ title, align: 'right' as const })),
    ...['cost', `per ${per === 'run' ? 'success' : per}`, ...(per === 'run' ? ['per run'] : [])].map((title) => ({
      title,
      align: 'right' as const,
    })),
  ]
  const rows = weeks.map((week) => [
    `${week.week}${week.partial ? ' (part)' : ''}`,
    count(week.attempts),
    ...(per === 'run' ? [count(week.outcomes), count(week.failed)] : []),
    usd(week.cost),
    each(week.cost_per_outcome),
    ...(per === 'run' ? [each(week.cost_per_attempt)] : []),
  ])
  print(world, renderTable(columns, rows, width), '')
  if (trend !== null) {
    const { week, previous_week: previous, last_four_weeks: four } = trend
    print(world, ...comparison(week, 'the week before', previous, width))
    if (four.weeks > 1) print(world, ...comparison(week, `the ${four.weeks} weeks before`, four, width))
  }
  if (outside.calls > 0) print(world, `In no ${per} that is counted: ${counted(outside.calls, 'call')}, ${usd(outside.cost)}`)
  if (total.unpriced_calls > 0) print(world, `Without a known price, and in no sum: ${counted(total.unpriced_calls, 'call')}`)
  print(world, ...labelled('Counted', answer.counted, width))
}

/** No outcome has no cost: that is not one that nobody knows. */
function each(cost: string | null): string {
  return cost === null ? '' : usd(cost)
}

type Compared = NonNullable<OutcomesAnswer['trend']>['previous_week']

function comparison(week: string, before: string, compared: Compared, width: number): string[] {
  const { change, change_percent: percent, levers, reason } = compared
  if (change === null || levers === null) return labelled('Trend', `${week} against ${before}: not enough, ${reason ?? ''}`, width)
  const by = percent === null ? '' : ` (${percent > 0 ? '+' : ''}${percent}%)`
  const parts = Object.entries(levers)
    .filter(([, part]) => Number(part) !== 0)
    .sort(([, one], [, other]) => Math.abs(Number(other)) - Math.abs(Number(one)))
    .map(([lever, part]) => `${lever.replaceAll('_', ' ')} ${signed(part)}`)
  const by_what = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  return labelled('Trend', `${week} against ${before}: ${signed(change)}${by}${by_what}`, width)
}

function signed(amount: string): string {
  return Number(amount) > 0 ? `+${usd(amount)}` : usd(amount)
}
