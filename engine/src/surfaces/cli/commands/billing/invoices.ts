import type { IssuedInvoice } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { count, usd } from '../../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld, CommandFailed, pour } from '../../world.ts'

interface Scope {
  readonly org?: string
  readonly json?: boolean
}

interface IssueOptions extends Scope {
  readonly period?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly linesBy?: string
  readonly markup?: string
  readonly currency?: string
  readonly issue?: boolean
}

export function addInvoicesCommand(program: Command, world: CliWorld): void {
  const invoices = program.command('invoices').description('Bill teams and customers; without a word more, list what was issued.')
  invoices
    .command('list', { isDefault: true })
    .description('Invoices and credit notes, the latest first.')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action((options: Scope) => list(world, options))
  invoices
    .command('bill <dimension> <value>')
    .description('Draw up what a team, cost_center, project, … owes for the month before; with --issue, number and keep it.')
    .option('--period <period>', 'last_month (when nothing is said), 7d, 30d')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--zone <zone>', 'IANA time zone in which months begin')
    .option('--lines-by <dimension>', 'what makes a line: model, agent, project')
    .option('--markup <percent>', 'on top of the cost')
    .option('--currency <code>', 'such as EUR, at the dated exchange rate')
    .option('--issue', 'issue it: it gets a number and never changes')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action((dimension: string, value: string, options: IssueOptions) => bill(world, dimension, value, options))
  invoices
    .command('show <number>')
    .description('One invoice, and what its calls cost by the books of today.')
    .option('--html', 'a page to print')
    .option('--csv', 'as CSV')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action((number: string, options: Scope & { html?: boolean; csv?: boolean }) => show(world, number, options))
  invoices
    .command('credit <number> <reason>')
    .description('Take back all that is left of an invoice.')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .action((number: string, reason: string, options: Scope) =>
      connected(world, 'stores', async (connection) => {
        const note = await ask<IssuedInvoice>(connection, 'credit_invoice', { number, reason, ...organizationOf(options) })
        printInvoice(world, note, options)
      }),
    )
}

function organizationOf({ org }: Scope): { organization_id?: string } {
  return org === undefined ? {} : { organization_id: org }
}

async function list(world: CliWorld, options: Scope): Promise<void> {
  await connected(world, 'stores', async (connection) => {
    const { invoices } = await ask<{ invoices: IssuedInvoice[] }>(connection, 'list_invoices', organizationOf(options))
    if (options.json === true) return printJson(world, invoices)
    if (invoices.length === 0) return remark(world, 'No invoices yet.', 'Draw one up: purser invoices bill team data-analytics')
    const columns: Column[] = [
      { title: 'number' },
      { title: 'billed', shrink: true },
      { title: 'from' },
      { title: 'until' },
      { title: 'total', align: 'right' },
      { title: 'state' },
    ]
    const rows = invoices.map(({ number, bill_to, period, total, currency, status }) => [
      number ?? '',
      `${bill_to.dimension} ${bill_to.value}`,
      period.from.slice(0, 10),
      period.to.slice(0, 10),
      `${total} ${currency}`,
      status.replace('_', ' '),
    ])
    print(world, renderTable(columns, rows, terminalWidth(world)))
  })
}

async function bill(world: CliWorld, dimension: string, value: string, options: IssueOptions): Promise<void> {
  const { period, from, to, zone, linesBy, markup, currency } = options
  const markup_pct = markup === undefined ? undefined : Number(markup)
  if (markup_pct !== undefined && !Number.isFinite(markup_pct)) throw new CommandFailed(`--markup is a percentage, not "${markup}"`)
  const said = Object.entries({ period, from, to, zone, lines_by: linesBy, markup_pct, currency }).filter(
    ([, given]) => given !== undefined,
  )
  const input = { bill_to: { dimension, value }, ...Object.fromEntries(said), preview: options.issue !== true, ...organizationOf(options) }
  await connected(world, 'stores', async (connection) => {
    const invoice = await ask<IssuedInvoice>(connection, 'issue_invoice', input)
    printInvoice(world, invoice, options)
    if (invoice.number === null && options.json !== true) remark(world, 'This is a preview.', 'Issue it: the same command with --issue')
  })
}

async function show(world: CliWorld, number: string, options: Scope & { html?: boolean; csv?: boolean }): Promise<void> {
  await connected(world, 'stores', async (connection) => {
    const format = options.html === true ? 'html' : options.csv === true ? 'csv' : null
    const asked = { number, ...organizationOf(options) }
    if (format !== null) return pour(await ask(connection, 'get_invoice', { ...asked, format }), world.stdout)
    printInvoice(world, await ask<IssuedInvoice>(connection, 'get_invoice', { ...asked, check: true }), options)
  })
}

function printInvoice(world: CliWorld, invoice: IssuedInvoice, { json }: Scope): void {
  if (json === true) {
    printJson(world, invoice)
    return
  }
  const { number, kind, bill_to, period, lines, currency, total, unpriced_calls, recomputed } = invoice
  print(world, `${kind === 'invoice' ? 'Invoice' : 'Credit note'} ${number ?? '(preview)'} for ${bill_to.dimension} ${bill_to.value}`)
  print(world, `Calls from ${period.from.slice(0, 16).replace('T', ' ')} until ${period.to.slice(0, 16).replace('T', ' ')} UTC`, '')
  const columns: Column[] = [
    { title: 'for', shrink: true },
    { title: 'calls', align: 'right' },
    { title: 'cost', align: 'right' },
    { title: currency, align: 'right' },
  ]
  const rows = lines.map(({ description, calls, cost_usd, amount }) => [
    description,
    calls === null ? '' : count(calls),
    kind === 'invoice' ? usd(cost_usd) : '',
    amount ?? 'not known',
  ])
  print(world, renderTable(columns, [...rows, ['total', '', '', total ?? 'not known']], terminalWidth(world)))
  if (unpriced_calls > 0) print(world, `Without a known price, and not in that sum: ${count(unpriced_calls)} calls`)
  if (recomputed !== undefined && recomputed.difference_usd !== null && recomputed.difference_usd !== '0')
    print(world, `By the books of today its calls cost ${usd(recomputed.cost_usd)}, which differs by ${usd(recomputed.difference_usd)}`)
}
