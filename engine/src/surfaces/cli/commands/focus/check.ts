import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CsvError, parse } from 'csv-parse'
import { FOCUS_VERSIONS, type FocusCheck, type FocusVersion, focusChecker } from '../../../../insights/index.ts'
import { checkText } from '../../../../operations/index.ts'
import { count } from '../../terminal/figures.ts'
import { printJson } from '../../terminal/print.ts'
import { progressLine } from '../../terminal/progress.ts'
import { type CliWorld, CommandFailed } from '../../world.ts'

export function addFocusCheck(focus: Command, world: CliWorld, exit: (code: number) => void): void {
  focus
    .command('check')
    .description('Check any CSV file against the rules of FOCUS. Exit 1 when a rule that must hold is broken.')
    .argument('<file>', 'a CSV file with the columns of FOCUS')
    .option('--spec <version>', 'of FOCUS: 1.4, 1.2 or 1.5-draft', '1.4')
    .option('--supports <conditions>', 'conditions of columns that must be there, separated by semicolons; else those of which a column is')
    .option('--json', 'print JSON')
    .action(
      async (file: string, { spec, supports, json }: { readonly spec: string; readonly supports?: string; readonly json?: boolean }) => {
        const version = FOCUS_VERSIONS.find((known) => known === spec)
        if (version === undefined) throw new CommandFailed(`"${spec}" is not one of ${FOCUS_VERSIONS.join(', ')}`)
        const conditions = supports?.split(';').map((condition) => condition.trim())
        const check = await checked(world, file, version, conditions)
        if (json === true) printJson(world, check)
        else world.stdout.write(checkText(check))
        if (!check.conformant) exit(1)
      },
    )
}

async function checked(world: CliWorld, file: string, version: FocusVersion, supports: readonly string[] | undefined): Promise<FocusCheck> {
  const path = resolve(world.cwd, file)
  const progress = progressLine(world.stderr, world.now)
  let checker: ReturnType<typeof focusChecker> | null = null
  let rows = 0
  try {
    if (await isParquet(path))
      throw new CommandFailed(`${file} is Parquet; what is checked is CSV`, 'Checked in the same way: purser focus report')
    const records = createReadStream(path).pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }))
    for await (const record of records as AsyncIterable<string[]>) {
      if (checker === null) checker = focusChecker(record, { version, ...(supports === undefined ? {} : { supports }) })
      else {
        checker.add(record)
        rows += 1
        progress.show(`${count(rows)} rows checked …`)
      }
    }
  } catch (error) {
    if (error instanceof CsvError) throw new CommandFailed(`${file} is not readable as CSV: ${error.message}`)
    if ((error as NodeJS.ErrnoException).syscall !== undefined)
      throw new CommandFailed(`${file} cannot be read: ${(error as Error).message}`)
    throw error
  } finally {
    progress.done()
  }
  if (checker === null) throw new CommandFailed(`${file} is empty: it has not even a heading`)
  return checker.check()
}

async function isParquet(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.toString('latin1') === 'PAR1'
  } finally {
    await file.close()
  }
}
