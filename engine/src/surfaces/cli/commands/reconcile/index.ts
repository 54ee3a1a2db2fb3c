import type { ReconcileAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { printJson, remark } from '../../terminal/print.ts'
import { ask, type CliWorld, CommandFailed, type Connection, pour } from '../../world.ts'
import { pagesFrom, type SourceOptions } from './pages.ts'
import { printReconciliation } from './print.ts'

interface ReconcileOptions extends SourceOptions {
  readonly org?: string
  readonly tolerance?: string
  readonly calls?: string
  readonly all?: true
  readonly format: string
}

/** Both sides are known, and they differ: apart from 1, which says that nothing could be compared. */
const EXIT_DIFFERS = 3

export function addReconcileCommand(program: Command, world: CliWorld, exit: (code: number) => void): void {
  program
    .command('reconcile')
    .description("Compare what is posted with a provider's own report, by day, model and meter. Exit 3 where they differ.")
    .option('--file <files...>', 'pages of the cost or usage API as JSON or JSON lines, or the CSV that its console exports')
    .option('--url <urls...>', 'where such pages answer; every page that follows is fetched')
    .option('--provider <name>', 'openai or anthropic; without a file or URL its API is asked (OPENAI_ADMIN_KEY, ANTHROPIC_ADMIN_KEY)')
    .option('--from <date>', 'from this day of UTC')
    .option('--to <date>', 'before this day of UTC')
    .option('--org <id>', 'ours: of one organization')
    .option('--project <ids...>', 'theirs: lines of these projects')
    .option('--workspace <ids...>', 'theirs: lines of these workspaces; default is the one without an id')
    .option('--api-key <ids...>', 'theirs: lines of these API keys')
    .option('--tolerance <cents>', 'how far the amounts of a line may lie apart', '0.5')
    .option('--calls <number>', 'ids of calls shown of each line')
    .option('--all', 'list lines that match as well')
    .option('--format <format>', 'table, csv or json', 'table')
    .action(async (options: ReconcileOptions) => {
      if (!['table', 'csv', 'json'].includes(options.format)) throw new CommandFailed(`"${options.format}" is not table, csv or json`)
      const question = questionOf(options, await pagesFrom(world, options))
      await connected(world, 'stores', async (connection) => {
        if (!(await compared(world, connection, question, options))) exit(EXIT_DIFFERS)
      })
    })
}

function questionOf(options: ReconcileOptions, pages: readonly unknown[]): Record<string, unknown> {
  if (options.calls !== undefined && !/^\d{1,4}$/.test(options.calls))
    throw new CommandFailed(`"${options.calls}" is not a number of calls`)
  const said = {
    organization_id: options.org,
    provider: options.provider,
    from: options.from,
    to: options.to,
    projects: options.project,
    workspaces: options.workspace,
    api_keys: options.apiKey,
    tolerance_cents: options.tolerance,
    call_ids: options.calls === undefined ? undefined : Number(options.calls),
    lines: options.all === true || options.format !== 'table' ? 'all' : 'differences',
  }
  return { ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)), pages }
}

/** Prints what was found, and says whether both sides agree. */
async function compared(
  world: CliWorld,
  connection: Connection,
  question: Record<string, unknown>,
  { format }: ReconcileOptions,
): Promise<boolean> {
  if (format === 'csv') await pour(await ask(connection, 'reconcile_costs', { ...question, format: 'csv' }), world.stdout)
  // A file in CSV does not say by itself whether all of it agrees.
  const asked = format === 'csv' ? { ...question, lines: 'differences', limit: 1 } : question
  const answer = await ask<ReconcileAnswer>(connection, 'reconcile_costs', asked)
  if (format === 'json') printJson(world, answer)
  else if (format === 'table') printReconciliation(world, answer)
  else for (const { detail } of answer.remarks) remark(world, detail)
  return answer.reconciled
}
