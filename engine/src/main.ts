import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { startThread } from './adapters/duckdb/thread/start-thread.ts'
import { type Config, readConfig } from './config.ts'
import { reportFetch } from './report-fetch.ts'
import { remoteInvoke, runningServer } from './running-server.ts'
import { CommandFailed, type Connection, runCli } from './surfaces/cli/index.ts'

const VERSION = (createRequire(import.meta.url)('../package.json') as { version: string }).version
const EXIT_FAILED = 1

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
  reports: {
    base: (seller) => reportFetch(process.env).base(seller),
    page: (url) => reportFetch(process.env).page(url),
  },
  serve,
})

/** Serves until the process is told to end, or says why it cannot. */
async function serve(): Promise<number> {
  const config = configOrFail()
  try {
    // Both load at once, on two processors: the thread of the columnar store, and what serves.
    const thread = startThread()
    // Loaded here alone: the other commands start without the HTTP server.
    const [{ startServer }, { callsBeside }] = await Promise.all([import('./serve.ts'), import('./embedded.ts')])
    const server = await startServer(config, {
      version: VERSION,
      openCalls: callsBeside(thread),
      say: (line) => process.stderr.write(`${line}\n`),
    })
    await toldToStop()
    await server.stop()
    return 0
  } catch (error) {
    process.stderr.write(`purser: ${whyNotStarted(error, config)}\n`)
    return EXIT_FAILED
  }
}

/**
 * The running server of the data folder, else the folder opened here. The engine is loaded only where it is needed: asking a server, or for
 * help, should not wait for it.
 */
async function connect(need: 'rates' | 'stores'): Promise<Connection> {
  const config = configOrFail()
  const url = await runningServer(config.data)
  if (url !== null) {
    const key = process.env.PURSER_API_KEY ?? config.adminKey
    return { invoke: remoteInvoke(url, key), where: url, close: async () => undefined }
  }
  const { openEmbedded } = await import('./embedded.ts')
  try {
    return await openEmbedded(config, need, VERSION)
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
