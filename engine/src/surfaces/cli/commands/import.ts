import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { csvSource, readMapping } from '../import/csv.ts'
import { liteLlmSource } from '../import/litellm.ts'
import { defaultLogFolders } from '../import/log-folders.ts'
import { claudeCodeSource, codexSource } from '../import/session-logs.ts'
import type { ImportSource } from '../import/source.ts'
import { type ImportSummary, upload } from '../import/upload.ts'
import { count, counted, usd } from '../terminal/figures.ts'
import { print } from '../terminal/print.ts'
import { progressLine } from '../terminal/progress.ts'
import { type CliWorld, CommandFailed } from '../world.ts'

interface ImportOptions {
  readonly map?: readonly string[]
  readonly at?: string
  readonly org?: string
}

export function addImportCommand(program: Command, world: CliWorld, exit: (code: number) => void): void {
  program
    .command('import')
    .description('Bring in logs you already have. Running it again posts nothing twice.')
    .argument('[source]', "claude-code, codex, litellm or csv; without one: this user's Claude Code and Codex logs")
    .argument('[paths...]', 'files or folders; Claude Code and Codex know their own')
    .option('--map <field=column...>', 'CSV: which column holds which field, e.g. model=Model input_tokens="Prompt tokens" tag:env=Env')
    .option('--at <time>', 'CSV: the time of rows that have none')
    .option('--org <id>', 'the organization the calls belong to')
    .action(async (name: string | undefined, paths: string[], options: ImportOptions) => {
      const jobs = await jobsOf(world, name, paths, options)
      await connected(world, 'stores', async (connection) => {
        for (const { source, files } of jobs) {
          const progress = progressLine(world.stderr, world.now)
          let at = { file: '', index: 0 }
          const items = source.read(files, (file, index) => {
            at = { file, index }
          })
          const withOrganization = options.org === undefined ? items : stamped(items, options.org)
          const summary = await upload(connection, withOrganization, (read) =>
            progress.show(`${source.title}: ${counted(read, 'call')}, file ${at.index + 1} of ${files.length}: ${at.file}`),
          )
          progress.done()
          printSummary(world, source, files.length, summary)
          if (summary.posted + summary.known === 0 && summary.skipped.size > 0) exit(1)
        }
      })
    })
}

async function jobsOf(
  world: CliWorld,
  name: string | undefined,
  paths: readonly string[],
  options: ImportOptions,
): Promise<{ source: ImportSource; files: readonly string[] }[]> {
  if (name === undefined) return defaultJobs(world)
  const mapping = readMapping(options.map ?? [])
  if (typeof mapping === 'string') throw new CommandFailed(mapping)
  const sources = [claudeCodeSource(world), codexSource(world), liteLlmSource(), csvSource({ mapping, at: options.at ?? null })]
  const source = sources.find((each) => each.name === name)
  if (source === undefined) throw new CommandFailed(`"${name}" is not a source; use one of ${sources.map((each) => each.name).join(', ')}`)
  const files = await source.find(paths)
  if (files.length === 0)
    throw new CommandFailed(`No files to read for ${source.title}${paths.length === 0 ? '; name files or folders' : ''}.`)
  return [{ source, files }]
}

async function defaultJobs(world: CliWorld): Promise<{ source: ImportSource; files: readonly string[] }[]> {
  const folders = await defaultLogFolders(world)
  const jobs = await Promise.all(
    [claudeCodeSource(world), codexSource(world)].map(async (source) => {
      const own = folders.filter((folder) => folder.source === source.name)
      return { source, files: own.length === 0 ? [] : await source.find(own.map((folder) => folder.path)) }
    }),
  )
  const present = jobs.filter((job) => job.files.length > 0)
  if (present.length === 0)
    throw new CommandFailed(
      'This user has no Claude Code or Codex logs.',
      'Name a source and files: purser import litellm spend.json, purser import csv usage.csv --map model=Model …',
    )
  return present
}

async function* stamped(items: ReturnType<ImportSource['read']>, organization: string): ReturnType<ImportSource['read']> & AsyncGenerator {
  for await (const item of items) yield item.kind === 'call' ? { ...item, body: { ...item.body, organization_id: organization } } : item
}

function printSummary(world: CliWorld, source: ImportSource, files: number, summary: ImportSummary): void {
  print(
    world,
    `${source.title}: ${counted(summary.read, 'call')} in ${counted(files, 'file')}`,
    `  ${count(summary.posted)} posted, ${usd(summary.cost)}${summary.unpriced === 0 ? '' : `; ${count(summary.unpriced)} of them without a known price`}`,
    `  ${count(summary.known)} had been imported before`,
  )
  for (const [reason, { count: times, examples }] of [...summary.skipped].sort(([, a], [, b]) => b.count - a.count)) {
    print(world, `  ${count(times)} skipped: ${reason}`, ...examples.map((example) => `      ${example}`))
  }
}
