import { access, constants, stat, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ReportAnswer } from '@purser/contract'
import { defaultLogFolders } from '../import/log-folders.ts'
import { count, counted } from '../terminal/figures.ts'
import { ask, type CliWorld, CommandFailed, type Connection } from '../world.ts'

export interface Finding {
  readonly state: 'ok' | 'note' | 'wrong'
  readonly what: string
  readonly advice?: string
}

const NODE_MAJOR_MIN = 20
const FREE_BYTES_MIN = 1024 ** 3
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Looks at what can go wrong in a set-up, one thing after another. A check that cannot be made is itself a finding. */
export async function* runChecks(world: CliWorld): AsyncGenerator<Finding> {
  yield nodeVersion()
  yield address(world)
  yield await dataFolder(world)
  const database = databaseOf(world)
  if (database !== null) yield database
  let connection: Connection | null = null
  try {
    connection = await world.connect('stores')
    yield { state: 'ok', what: `engine answers (${connection.where})` }
  } catch (error) {
    yield {
      state: 'wrong',
      what: `the engine does not open: ${messageOf(error)}`,
      advice: 'end the other process that holds the data folder, or start the server and run this again',
    }
  }
  if (connection !== null) {
    try {
      yield await books(connection)
      yield await calls(connection)
      yield await prices(connection)
    } finally {
      await connection.close()
    }
  }
  yield await logs(world)
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  return major >= NODE_MAJOR_MIN
    ? { state: 'ok', what: `Node ${process.versions.node}` }
    : { state: 'wrong', what: `Node ${process.versions.node} is too old`, advice: `install Node ${NODE_MAJOR_MIN} or newer` }
}

function address(world: CliWorld): Finding {
  const host = world.env.PURSER_HOST ?? '127.0.0.1'
  const port = world.env.PURSER_PORT ?? '4318'
  const local = LOOPBACK.has(host)
  if (!local && world.env.PURSER_AUTH === 'local') {
    return {
      state: 'wrong',
      what: `PURSER_AUTH=local on ${host}, which others can reach`,
      advice: 'unset PURSER_AUTH, or serve on 127.0.0.1',
    }
  }
  return {
    state: 'ok',
    what: `serves on ${host}:${port}, ${local ? 'this machine only; no key needed until one is made' : 'a key is required'}`,
  }
}

async function dataFolder(world: CliWorld): Promise<Finding> {
  const folder = resolve(world.cwd, world.env.PURSER_DATA ?? 'purser-data')
  try {
    if (!(await stat(folder)).isDirectory())
      return { state: 'wrong', what: `${folder} is not a folder`, advice: 'set PURSER_DATA to a folder' }
    await access(folder, constants.W_OK)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return missing
      ? { state: 'note', what: `data folder ${folder} does not exist yet`, advice: 'it is made by the first start: npm start' }
      : {
          state: 'wrong',
          what: `data folder ${folder} cannot be written: ${messageOf(error)}`,
          advice: 'fix its permissions or set PURSER_DATA',
        }
  }
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  return free < FREE_BYTES_MIN
    ? {
        state: 'wrong',
        what: `data folder ${folder} has only ${count(Math.round(free / 1024 ** 2))} MB left`,
        advice: 'make room: a call takes about 1 KB',
      }
    : { state: 'ok', what: `data folder ${folder}, ${count(Math.round(free / 1024 ** 3))} GB free` }
}

/** Where the ledger is when it is not in the data folder, without the password. What server that is, the engine says when it answers. */
function databaseOf({ env }: CliWorld): Finding | null {
  const text = env.PURSER_DATABASE_URL?.trim() ?? ''
  if (text === '') return null
  if (!/^postgres(?:ql)?:\/\//i.test(text) || !URL.canParse(text)) {
    return {
      state: 'wrong',
      what: 'PURSER_DATABASE_URL is not the address of a database',
      advice: 'postgres://user:password@host:5432/database',
    }
  }
  const { username, host, pathname } = new URL(text)
  return { state: 'ok', what: `ledger in PostgreSQL: ${username === '' ? '' : `${decodeURIComponent(username)}@`}${host}${pathname}` }
}

async function books(connection: Connection): Promise<Finding> {
  const answer = await ask<{ ok: boolean }>(connection, 'verify', {})
  return answer.ok
    ? { state: 'ok', what: 'journal, ledger and analytics agree' }
    : { state: 'wrong', what: 'journal, ledger and analytics do not agree', advice: 'see: purser verify; then: purser rebuild' }
}

async function calls(connection: Connection): Promise<Finding> {
  const answer = await ask<ReportAnswer>(connection, 'export_report', { group_by: 'model', bucket: 'none', limit: 1000 })
  if (answer.total_calls === 0)
    return { state: 'note', what: 'no calls yet', advice: 'report one (README), or bring in your logs: purser import' }
  if (answer.unpriced_calls === 0) return { state: 'ok', what: `${counted(answer.total_calls, 'call')}, all priced` }
  const models = answer.rows.filter((row) => Number(row.unpriced_calls) > 0).map((row) => String(row.model ?? 'no model named'))
  return {
    state: 'note',
    what: `${count(answer.unpriced_calls)} of ${counted(answer.total_calls, 'call')} without a known price: ${models.slice(0, 5).join(', ')}`,
    advice: 'purser rates set <model> --input … --output … --from always, then: purser reprice --only-unpriced',
  }
}

async function prices(connection: Connection): Promise<Finding> {
  const answer = await ask<{ total: number; rates: readonly { readonly source: { readonly checked_at: string } }[] }>(
    connection,
    'list_rates',
    { limit: 10_000 },
  )
  const newest =
    answer.rates
      .map((card) => card.source.checked_at)
      .sort()
      .at(-1) ?? ''
  return answer.total === 0
    ? { state: 'wrong', what: 'no rate cards: nothing can be priced', advice: 'install again; the catalog is part of the package' }
    : { state: 'ok', what: `${count(answer.total)} rate cards hold now, the newest checked ${newest.slice(0, 10)}` }
}

async function logs(world: CliWorld): Promise<Finding> {
  const found = await defaultLogFolders(world)
  return found.length === 0
    ? { state: 'note', what: 'no Claude Code or Codex logs of this user' }
    : { state: 'ok', what: `logs to import: ${found.map((folder) => folder.path).join(', ')}`, advice: 'purser import' }
}

function messageOf(error: unknown): string {
  if (error instanceof CommandFailed) return error.message
  return error instanceof Error ? error.message : String(error)
}
