import type { CostReport } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { count, counted, usd } from '../../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, pour } from '../../world.ts'

interface ChargebackOptions {
  readonly by: string
  readonly period?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly org?: string
  readonly csv?: boolean
  readonly json?: boolean
}

export function addChargebackCommand(program: Command, world: CliWorld): void {
  program
    .command('chargeback')
    .description('Who is charged what, with shared costs divided by the declared rules.')
    .option('--by <dimension>', 'cost_center, team, project, or any other dimension', 'cost_center')
    .option('--period <period>', 'month (when nothing is said), quarter, year, 30d, all')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--zone <zone>', 'IANA time zone in which months begin')
    .option('--org <id>', 'one organization')
    .option('--csv', 'print CSV, every line of it')
    .option('--json', 'print JSON')
    .action(async ({ by, org, csv, json, ...span }: ChargebackOptions) => {
      const query = { groupBy: by, ...span, ...(org === undefined ? {} : { organizationId: org }) }
      await connected(world, 'stores', async (connection) => {
        if (csv === true) return pour(await ask(connection, 'cost_report', { ...query, format: 'csv' }), world.stdout)
        const report = await ask<CostReport>(connection, 'cost_report', query)
        if (json === true) printJson(world, report)
        else printReport(world, report, by)
      })
    })
}

function printReport(world: CliWorld, report: CostReport, by: string): void {
  const { rows, unattributed, others, shared, total } = report
  if (total.traces === 0) {
    remark(world, 'No calls in this period.', 'Another one: --period all, or --from and --to')
    return
  }
  const columns: Column[] = [
    { title: by.replace('_', ' '), shrink: true },
    { title: 'calls', align: 'right' },
    { title: 'own', align: 'right' },
    { title: 'shared', align: 'right' },
    { title: 'charged', align: 'right' },
  ]
  const line = (name: string, sums: CostReport['unattributed']): string[] => [
    name,
    count(sums.traces),
    usd(sums.directCostUsd),
    usd(sums.sharedCostUsd),
    usd(sums.costUsdExact),
  ]
  const lines = rows.map((row) => line(row.value, row))
  print(world, renderTable(columns, [...lines, line('unattributed', unattributed)], terminalWidth(world)), '')
  if (others !== null) print(world, `Not shown: ${counted(others.values, 'value')} with ${usd(others.costUsdExact)}`)
  for (const { name, ruleId, costUsd, restUsd, reason } of shared) {
    print(world, `Shared by ${name ?? ruleId}: ${usd(costUsd)}`)
    if (reason !== null) print(world, `  of it unattributed: ${usd(restUsd)}, because ${reason}`)
  }
  print(world, `${counted(total.traces, 'call')}, ${usd(total.costUsdExact)}${from(report)}`)
  if (total.unpricedTraces > 0)
    print(world, `Without a known price, and not in that sum: ${counted(total.unpricedTraces, 'call')} (purser rates missing)`)
}

function from({ from: start, to }: CostReport): string {
  return start === null ? '' : `, from ${start.slice(0, 10)}${to === null ? '' : ` until ${to.slice(0, 10)}`}`
}
