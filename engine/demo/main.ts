import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { startServer } from '../process/server-process.ts'
import { playFleet } from './fleet.ts'
import { playOver } from './player.ts'
import { tellStory } from './story.ts'

const SEED_DEFAULT = 7
const FOLDER = 'purser-demo'

/**
 * `npm run demo [-- --seed N] [-- --serve]`: starts a server on a folder of its own, plays two weeks of a fleet against it and tells what
 * can be seen. With `--serve` the server stays up until it is interrupted.
 */
async function main(argv: readonly string[]): Promise<void> {
  const seed = numberAfter(argv, '--seed') ?? SEED_DEFAULT
  const stay = argv.includes('--serve')
  const folder = resolve(FOLDER)
  rmSync(folder, { recursive: true, force: true })
  const server = await startServer(folder)
  try {
    const fleet = playFleet(seed, Date.now())
    await playOver(server.url, fleet.events, process.stdout)
    await tellStory(server.url, fleet, { folder: FOLDER, write: (line) => process.stdout.write(`${line}\n`) })
    if (stay) await server.untilInterrupted()
  } finally {
    await server.stop()
  }
}

function numberAfter(argv: readonly string[], flag: string): number | null {
  const index = argv.indexOf(flag)
  const value = index === -1 ? Number.NaN : Number(argv[index + 1])
  return Number.isSafeInteger(value) ? value : null
}

await main(process.argv.slice(2))
