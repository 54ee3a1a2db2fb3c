import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Served, stopped } from './processes.ts'

/** MIT; not a dependency of the repository, because it brings a script that runs when it is installed. */
const PACKAGE = {
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // Left to itself npm takes the newest server of the range it asks for, with which every stream fails: its headers cannot be written any more.
  overrides: { '@hono/node-server': '1.13.8' },
}
const STARTS_WITHIN_MS = 20_000

/** It would listen on every address of the machine. */
const LOOPBACK_ONLY = `import net from 'node:net'
const { listen } = net.Server.prototype
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'object' ? listen.call(this, { ...port, host: '127.0.0.1' }, ...rest) : listen.call(this, Number(port), '127.0.0.1', ...rest.filter((each) => typeof each === 'function'))
}`

/** Installs the Portkey gateway into a folder, without running its scripts, and starts it; a text where that cannot be done, which says why. */
export async function startPortkey(folder: string): Promise<Served | string> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(PACKAGE))
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund']
  const installed = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (installed.status !== 0) return `the Portkey gateway could not be installed: ${installed.stderr.trim().slice(-300)}`
  const port = await freePort()
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  const preload = `data:text/javascript,${encodeURIComponent(LOOPBACK_ONLY)}`
  const child = spawn(process.execPath, ['--import', preload, program, `--port=${port}`, '--headless'], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  if (!(await isUp(url, child))) {
    await stopped(child)
    return `the Portkey gateway was not up within ${STARTS_WITHIN_MS / 1000} seconds`
  }
  return { url, stop: () => stopped(child) }
}

async function isUp(url: string, child: ChildProcess): Promise<boolean> {
  for (const deadline = Date.now() + STARTS_WITHIN_MS; Date.now() < deadline && child.exitCode === null; ) {
    if ((await fetch(url).catch(() => null)) !== null) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}

/** It cannot be told to find a port itself. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
