import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openDuckdbCallStore } from './adapters/duckdb/thread/call-store.ts'
import { ledgerPath } from './adapters/sqlite/index.ts'
import { type AssembleOptions, assemble } from './assemble.ts'
import { type Config, readConfig } from './config.ts'
import { createInvoke, createRateInvoke, openRateDesk } from './operations/index.ts'
import { buildCatalog, bundledCatalogFiles } from './pricing/index.ts'
import { remoteInvoke, runningServer } from './running-server.ts'
import { CommandFailed, type Connection, runCli } from './surfaces/cli/index.ts'

const VERSION = (createRequire(import.meta.url)('../package.json') as { version: string }).version
const EXIT_FAILED = 1

/** The columnar store lives beside the ledger, in a thread of its own that follows the journal. */
const openCalls: AssembleOptions['openCalls'] = (stores, folder) =>
  openDuckdbCallStore({
    path: join(folder, 'calls.duckdb'),
    journal: stores.journal,
    onRebuilt: (reason) => process.stderr.write(`purser: the analytics store is made anew from the journal (${reason})\n`),
  })

// A reader such as `head` may close the pipe before all is written. What nobody reads any more is not a fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  home: homedir(),
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  version: VERSION,
  connect,
  serve,
})

/** Serves until the process is told to end, or says why it cannot. */
async function serve(): Promise<number> {
  const config = configOrFail()
  try {
    // Loaded here alone: the other commands start without the HTTP server.
    const { startServer } = await import('./serve.ts')
    const server = await startServer(config, { version: VERSION, openCalls, say: (line) => process.stderr.write(`${line}\n`) })
    await toldToStop()
    await server.stop()
    return 0
  } catch (error) {
    process.stderr.write(`purser: ${whyNotStarted(error, config)}\n`)
    return EXIT_FAILED
  }
}

/** The running server of the data folder, else the folder opened here. For rates alone nothing is made where nothing is. */
async function connect(need: 'rates' | 'stores'): Promise<Connection> {
  const config = configOrFail()
  const url = await runningServer(config.data)
  if (url !== null) {
    const key = process.env.PURSER_API_KEY ?? config.adminKey
    return { invoke: remoteInvoke(url, key), where: url, close: async () => undefined }
  }
  if (need === 'rates' && config.databaseUrl === null && !existsSync(ledgerPath(config.data))) {
    const rates = await openRateDesk(buildCatalog(bundledCatalogFiles()).book, null)
    return { invoke: createRateInvoke({ now: Date.now, rates }), where: 'the bundled catalog', close: async () => undefined }
  }
  try {
    const engine = await assemble({
      data: config.data,
      databaseUrl: config.databaseUrl,
      version: VERSION,
      auth: config.auth,
      smtp: config.smtp,
      openCalls,
    })
    return { invoke: createInvoke(engine.services), where: engine.ledgerIn, close: () => engine.close() }
  } catch (error) {
    throw new CommandFailed(whyNotStarted(error, config))
  }
}

function configOrFail(): Config {
  const config = readConfig(process.env)
  if (config.ok) return config.value
  throw new CommandFailed(config.error.join('\n'))
}

/** SIGINT and SIGTERM end a server in order; a second one ends it at once, as it would any program. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function whyNotStarted(error: unknown, config: Config): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${config.port} on ${config.host} is taken; choose another with PURSER_PORT`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${config.host}; see PURSER_HOST`
  if (code === 'EACCES' || code === 'EROFS') return `no permission: ${message}`
  return error instanceof Error ? error.message : String(error)
}
