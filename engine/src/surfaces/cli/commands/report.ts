import type { ReportAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { compact, count, counted, share, usd } from '../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, pour } from '../world.ts'

interface ReportOptions {
  readonly by: string
  readonly last?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly org?: string
  readonly each?: string
  readonly limit: string
  readonly json?: boolean
  readonly csv?: boolean
}

export function addReportCommand(program: Command, world: CliWorld): void {
  program
    .command('report')
    .description('Spend by any dimensions, as a table.')
    .option('--by <dimensions>', 'agent, model, seller, workflow, session, user, team, project, cost_center, tag:<name>, …', 'agent,model')
    .option('--last <period>', 'back from now: 24h, 7d, 30d')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--each <bucket>', 'one line per hour, day, week or month too')
    .option('--zone <zone>', 'IANA time zone of days and months')
    .option('--org <id>', 'one organization')
    .option('--limit <lines>', 'at most so many lines', '30')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV, every line of it')
    .action(async (options: ReportOptions) => {
      const connection = await world.connect('stores')
      try {
        await report(connection, world, options)
      } finally {
        await connection.close()
      }
    })
}

async function report(connection: Parameters<typeof ask>[0], world: CliWorld, options: ReportOptions): Promise<void> {
  const query = {
    group_by: options.by,
    ...(options.last === undefined ? {} : { period: options.last }),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.zone === undefined ? {} : { zone: options.zone }),
    ...(options.org === undefined ? {} : { organization_id: options.org }),
    ...(options.each === undefined ? { bucket: 'none' } : { bucket: options.each }),
    ...(options.csv === true ? { format: 'csv' } : { limit: Number(options.limit) }),
  }
  if (options.csv === true) {
    await pour(await ask(connection, 'export_report', query), world.stdout)
    return
  }
  const answer = await ask<ReportAnswer>(connection, 'export_report', query)
  if (options.json === true) printJson(world, answer)
  else printTable(world, answer, options)
}

function printTable(world: CliWorld, answer: ReportAnswer, options: ReportOptions): void {
  if (answer.total_calls === 0) {
    remark(world, 'No calls in this period.', 'Report some (see the README), or bring in what you have: purser import')
    return
  }
  const keys = [...(options.each === undefined ? [] : ['period_start']), ...answer.group_by]
  const columns: Column[] = [
    ...keys.map((key) => ({ title: key.replace('_', ' '), shrink: true })),
    { title: 'calls', align: 'right' },
    { title: 'tokens', align: 'right' },
    { title: 'cost', align: 'right' },
    { title: 'share', align: 'right' },
  ]
  const total = Number(answer.total_cost_exact ?? 0)
  const rows = answer.rows.map((row) => [
    ...keys.map((key) => text(row[key], key)),
    count(Number(row.calls)),
    compact(row.total_tokens === null ? null : Number(row.total_tokens)),
    ...costCells(row.cost_usd_exact, total),
  ])
  print(world, renderTable(columns, rows, terminalWidth(world)), '')
  print(world, `${counted(answer.total_calls, 'call')}, ${compact(answer.total_tokens)} tokens, ${usd(answer.total_cost_exact)}`)
  if (answer.unpriced_calls > 0)
    print(world, `Without a known price, and not in that sum: ${counted(answer.unpriced_calls, 'call')} (purser rates missing)`)
  if (answer.unmetered_calls > 0) print(world, `Without all of their tokens reported: ${counted(answer.unmetered_calls, 'call')}`)
  if (answer.truncated) print(world, `Only the first ${answer.rows.length} lines are shown: --limit, --csv`)
}

/** A row of which no call has a known price has no cost, and so no share. */
function costCells(exact: unknown, total: number): [string, string] {
  return typeof exact === 'string' ? [usd(exact), share(Number(exact), total)] : [usd(null), '']
}

function text(value: unknown, key: string): string {
  if (value === null || value === undefined) return 'unattributed'
  return key === 'period_start' ? String(value).slice(0, 16).replace('T', ' ') : String(value)
}
