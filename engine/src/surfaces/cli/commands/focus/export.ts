import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { Streamed } from '../../../../operations/index.ts'
import { connected } from '../../connected.ts'
import { count } from '../../terminal/figures.ts'
import { printJson, remark } from '../../terminal/print.ts'
import { progressLine } from '../../terminal/progress.ts'
import { ask, type CliWorld, CommandFailed, pour } from '../../world.ts'
import { type FocusOptions, questionOf, withQuestion } from './question.ts'

interface ExportOptions extends FocusOptions {
  readonly format?: string
  readonly out?: string
}

export function addFocusExport(focus: Command, world: CliWorld): void {
  withQuestion(focus.command('export').description('Write the export, to a file or as CSV to the screen.'))
    .option('--format <format>', 'csv, parquet or json; by the name of the file where it is not said')
    .option('--out <file>', 'the file to write')
    .action(async ({ format, out, ...options }: ExportOptions) => {
      const chosen = format ?? formatOf(out)
      if (chosen === 'parquet' && out === undefined) throw new CommandFailed('Parquet is no text', 'Name the file: --out focus.parquet')
      await connected(world, 'stores', async (connection) => {
        const answer = await ask<unknown>(connection, 'export_focus', { ...questionOf(options), format: chosen })
        // Another process sends JSON as the answer that it is, and files as files.
        if (out !== undefined) return save(world, out, answer instanceof Streamed ? answer.pieces : [JSON.stringify(answer)])
        if (answer instanceof Streamed) return pour(answer, world.stdout)
        printJson(world, answer)
      })
    })
}

function formatOf(out: string | undefined): string {
  if (out?.endsWith('.parquet') === true) return 'parquet'
  return out?.endsWith('.json') === true ? 'json' : 'csv'
}

/** Writes beside the file and gives it its name when it is whole, so that nobody takes a part for it. */
async function save(world: CliWorld, out: string, pieces: AsyncIterable<string | Uint8Array> | Iterable<string>): Promise<void> {
  const path = resolve(world.cwd, out)
  const part = `${path}.part`
  const progress = progressLine(world.stderr, world.now)
  let bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      const chunk = Buffer.from(piece)
      bytes += chunk.length
      progress.show(`${count(bytes)} bytes written …`)
      yield chunk
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(part))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new CommandFailed(`${out} cannot be written: ${(error as Error).message}`)
  } finally {
    progress.done()
  }
  remark(world, `${out}: ${count(bytes)} bytes`, 'What is left out of it, and whether it keeps every rule: purser focus report')
}
