import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startReceiver } from '../../conformance/alerts/receiver.ts'
import { openSqlite } from '../src/adapters/sqlite/index.ts'

const DAY_MS = 86_400_000
/** Acknowledged calls after which a round is killed, and what the receiver does meanwhile. */
const ROUNDS = [
  [3, 200],
  [80, 500],
  [100, 'silent'],
  [90, 200],
] as const

it('kill -9 between a commit and its delivery: each threshold is told once, and delivered at least once', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-alerts-crash-'))
  const receiver = await startReceiver()
  try {
    for (const [round, [acks, answer]] of ROUNDS.entries()) {
      receiver.answer(answer)
      expect(await run([folder, String(round), receiver.url, String(round * DAY_MS)], acks)).toBe('SIGKILL')
    }
    receiver.answer(200)
    const before = receiver.received.length
    expect(await run([folder, 'drain', receiver.url, String(30 * DAY_MS)], null)).toBeNull()
    expect(receiver.received.length).toBeGreaterThan(before)
    const stores = openSqlite({ folder })
    const reached = (await stores.ledger.read(0, 10_000)).flatMap(({ crossed = [] }) =>
      crossed.map(({ value, threshold }) => `${value} ${threshold}`),
    )
    const told = (await stores.alerts.alerts(null, 10_000, null)).map(({ agent, thresholdPct }) => `${agent} ${thresholdPct}`)
    await stores.close()
    expect(reached.length).toBeGreaterThan(10)
    expect(new Set(reached).size).toBe(reached.length)
    expect(told.sort()).toEqual([...reached].sort())
    const heard = new Map<string, Set<string>>()
    for (const { headers, body } of receiver.received) {
      const { agent_id, threshold_pct } = JSON.parse(body) as { agent_id: string; threshold_pct: number }
      const name = `${agent_id} ${threshold_pct}`
      heard.set(name, (heard.get(name) ?? new Set()).add(String(headers['webhook-id'])))
    }
    expect([...heard.keys()].sort()).toEqual([...reached].sort())
    expect([...heard].filter(([, ids]) => ids.size !== 1)).toEqual([])
  } finally {
    await receiver.close()
    rmSync(folder, { recursive: true })
  }
})

/** Runs the writer, and kills it once it has acknowledged so many calls. Resolves with the signal that ended it. */
function run(args: readonly string[], acks: number | null): Promise<NodeJS.Signals | null> {
  const program = fileURLToPath(new URL('alert-writer.ts', import.meta.url))
  const writer = spawn(process.execPath, ['--import', 'tsx', '--conditions=@purser/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let lines = 0
  let faults = ''
  writer.stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString().split('\n').length - 1
    if (acks !== null && lines >= acks) writer.kill('SIGKILL')
  })
  writer.stderr.on('data', (chunk) => {
    faults += chunk
  })
  return new Promise((resolve, reject) => {
    writer.once('close', (code, signal) => {
      if (code !== null && code !== 0) reject(new Error(`the writer failed: ${faults}`))
      else resolve(signal)
    })
  })
}
