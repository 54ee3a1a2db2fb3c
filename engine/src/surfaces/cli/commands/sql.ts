import type { Command } from 'commander'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly truncated: boolean
}

const NUMERIC = /INT|DECIMAL|DOUBLE|FLOAT/i

export function addSqlCommand(program: Command, world: CliWorld): void {
  program
    .command('sql')
    .description('A read-only SELECT over agent_calls, workflows, user_sessions, cost_attribution and seven more.')
    .argument('<select>', 'for example "SELECT * FROM v_top_spending_agents LIMIT 5"')
    .option('--org <id>', 'one organization')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nAll eleven tables and views, their columns, and a query for each: docs/sql.md')
    .action(async (select: string, options: { org?: string; json?: boolean }) => {
      const connection = await world.connect('stores')
      try {
        const answer = await ask<SqlAnswer>(connection, 'query_sql', {
          sql: select,
          ...(options.org === undefined ? {} : { organization_id: options.org }),
        })
        if (options.json === true) printJson(world, answer)
        else printRows(world, answer)
      } finally {
        await connection.close()
      }
    })
}

function printRows(world: CliWorld, answer: SqlAnswer): void {
  const columns = answer.columns.map((column) => ({
    title: column.name,
    align: NUMERIC.test(column.type) ? ('right' as const) : ('left' as const),
    shrink: !NUMERIC.test(column.type),
  }))
  const rows = answer.rows.map((row) => row.map(cell))
  const table = renderTable(columns, rows, terminalWidth(world))
  const fits = table.split('\n').every((line) => line.length <= terminalWidth(world))
  print(world, fits ? table : oneBelowTheOther(answer, rows))
  remark(
    world,
    `${answer.rows.length} row${answer.rows.length === 1 ? '' : 's'}${answer.truncated ? ' (more were cut off by the row limit)' : ''}`,
  )
}

/** For rows wider than the terminal: each value on a line of its own, nothing cut. */
function oneBelowTheOther(answer: SqlAnswer, rows: readonly (readonly string[])[]): string {
  const width = Math.max(...answer.columns.map((column) => column.name.length))
  return rows
    .map((row) => answer.columns.map((column, index) => `${column.name.padEnd(width)}  ${row[index] ?? ''}`).join('\n'))
    .join('\n\n')
}

const TRAILING_ZEROS = /(\.\d*?)0+$/

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'string' && /^-?\d+\.\d+$/.test(value)) return value.replace(TRAILING_ZEROS, '$1').replace(/\.$/, '')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
