import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { diceOf } from '../sim/dice.ts'
import { openSqlite } from '../src/adapters/sqlite/index.ts'
import { checkActs, checkNothingLeaks } from './acts-checked.ts'

const KILLS = 50
const SEED = 3

it(`kill -9 at ${KILLS} random moments: every act that was acknowledged is there once, and no hold leaks`, {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-holds-'))
  const dice = diceOf(SEED, 'kills')
  const acknowledged: string[] = []
  // The next process loads its program while this one works, and waits to be told: restarts on the folder are then quick.
  let next = waiting(folder)
  try {
    for (let round = 0; round < KILLS; round++) {
      const writer = next
      next = waiting(folder)
      acknowledged.push(...(await workUntilKilled(writer, round, 1 + dice.below(300))))
    }
    const stores = openSqlite({ folder })
    await checkActs(acknowledged, stores.ledger, KILLS / 2)
    await checkNothingLeaks(stores.ledger)
    await stores.close()
    const verified = spawnSync(process.execPath, [fileURLToPath(new URL('../bin/purser.js', import.meta.url)), 'verify'], {
      env: { PATH: process.env.PATH ?? '', PURSER_DATA: folder },
      encoding: 'utf8',
    })
    expect(verified.status, verified.stdout + verified.stderr).toBe(0)
  } finally {
    next.kill('SIGKILL')
    await once(next, 'close')
    rmSync(folder, { recursive: true })
  }
})

function waiting(folder: string): ChildProcess {
  const writer = fileURLToPath(new URL('hold-crash-writer.js', import.meta.url))
  const args = [writer, folder, String(SEED)]
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Lets it work, kills it once it has acknowledged so many acts, and gives back all that it did acknowledge. */
async function workUntilKilled(writer: ChildProcess, round: number, actsMin: number): Promise<string[]> {
  let text = ''
  let faults = ''
  writer.stdout?.on('data', (chunk) => {
    text += chunk
    if (text.split('\n').length > actsMin) writer.kill('SIGKILL')
  })
  writer.stderr?.on('data', (chunk) => {
    faults += chunk
  })
  writer.stdin?.write(`${round}`)
  const [, signal] = (await once(writer, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${faults}`)
  // The last line may have been cut off by the kill.
  return text.split('\n').slice(0, -1)
}
