import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DailyAlerts, DailyReportSaved, DailyScores, DailyTrends } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { compact, count, usd } from '../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

export function addDailyCommands(program: Command, world: CliWorld): void {
  const daily = program.command('daily').description('Days that are reported added up, beside what calls measured.')
  addReport(daily, world)
  addShow(daily, world)
}

function addReport(daily: Command, world: CliWorld): void {
  daily
    .command('report')
    .description('Report a day. The same date again takes the place of the report before.')
    .requiredOption('--file <path>', 'JSON with date, total_cost, total_tokens, total_requests, and what else is known')
    .option('--org <id>')
    .action((options: { file: string; org?: string }) =>
      connected(world, 'stores', async (connection) => {
        const said = await readReport(resolve(world.cwd, options.file))
        const input = options.org === undefined ? said : { ...said, organization_id: options.org }
        const saved = await ask<DailyReportSaved>(connection, 'daily_report', input)
        print(world, `${saved.date} is kept as ${saved.report_id}, version ${saved.version}.`)
        for (const note of saved.notes) print(world, ...labelled('note', note, terminalWidth(world)))
      }),
    )
}

async function readReport(path: string): Promise<object> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new CommandFailed(`${path} cannot be read`)
  const said = parsed(text)
  if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said
  throw new CommandFailed(`${path} is not a JSON object`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function addShow(daily: Command, world: CliWorld): void {
  daily
    .command('show', { isDefault: true })
    .description('What each day has cost, and what holds now.')
    .option('--last <period>', '7d, 30d or 90d', '30d')
    .option('--org <id>')
    .option('--json', 'print the days as JSON')
    .action((options: { last: string; org?: string; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const of = options.org === undefined ? {} : { organization_id: options.org }
        const question = { ...of, period: options.last }
        const trends = await ask<DailyTrends>(connection, 'daily_trends', question)
        if (options.json === true) return printJson(world, trends)
        const scores = await ask<DailyScores>(connection, 'daily_efficiency', question)
        const { alerts } = await ask<DailyAlerts>(connection, 'daily_alerts', of)
        printDays(world, trends, scores)
        for (const { severity, title, message } of alerts) {
          print(world, ...labelled('alert', `${title} (${severity}). ${message}`, terminalWidth(world)))
        }
      }),
    )
}

const COLUMNS = [
  { title: 'date' },
  ...['cost', 'beyond calls', 'tokens', 'requests', 'score'].map((title) => ({ title, align: 'right' as const })),
  { title: 'source' },
]

function printDays(world: CliWorld, { period, data }: DailyTrends, { trend }: DailyScores): void {
  if (data.length === 0) {
    remark(world, `Nobody said anything of these ${period.days} days.`, 'Report one: purser daily report --file report.json')
    return
  }
  const scores = new Map(trend.map(({ date, score }) => [date, score]))
  const rows = data.map((day) => [
    day.date,
    usd(day.total_cost_exact),
    usd(day.reported_only.cost),
    compact(day.total_tokens),
    count(day.total_requests),
    scores.get(day.date)?.toString() ?? '',
    day.source,
  ])
  print(world, renderTable(COLUMNS, rows, terminalWidth(world)))
  const silent = period.days_without_data.length
  if (silent > 0) remark(world, `Of ${silent} of ${period.days} days neither a report nor calls say anything.`)
}
