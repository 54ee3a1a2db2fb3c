import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerProcess, startServer } from '../process/server-process.ts'
import { load } from './load.ts'
import { type RawRates, rawSqlite } from './raw-sqlite.ts'
import { atLeast, median, ratioOf, type Section, under } from './section.ts'

const SECONDS = 5
const ROUNDS = 3
const BATCH = 100
const CONNECTIONS = 64
const BATCH_CONNECTIONS = 8
const FRESH = '@@'
const MIB = 1024 * 1024

/** One call as an SDK reports it, with an id of its own. */
function callBody(index: number): Record<string, unknown> {
  return {
    call_id: `bench-${FRESH}`,
    agent_name: `agent-${index % 20}`,
    model: index % 3 === 0 ? 'gpt-4o' : 'claude-sonnet-4-5',
    input_tokens: 4_000 + index,
    cache_read_tokens: 2_000,
    output_tokens: 300 + index,
    latency_ms: 1_200,
    workflow_id: `bench-run-${index % 50}`,
    user_id: `user-${index % 100}`,
    team: 'bench',
  }
}

/** Tracking through HTTP beside an empty POST to the same server, and beside its rows written straight into SQLite. */
export async function benchHttp(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const server = await startServer(join(folder, 'data'))
  try {
    const restMiB = residentMiB(server.pid)
    const single = JSON.stringify(callBody(1))
    const batch = JSON.stringify({ calls: Array.from({ length: BATCH }, (_, index) => callBody(index)) })
    const rounds = { empty: [] as number[], single: [] as number[], batch: [] as number[], raw: [] as RawRates[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.empty.push((await measure(server, '/v1/finops/ping', '{}', CONNECTIONS)).perSecond)
      rounds.single.push((await measure(server, '/v1/finops/calls/track', single, CONNECTIONS)).perSecond)
      await untilSettled(server)
      rounds.batch.push(BATCH * (await measure(server, '/v1/finops/calls/batch', batch, BATCH_CONNECTIONS)).perSecond)
      await untilSettled(server)
      rounds.raw.push(rawSqlite(join(folder, 'data'), join(folder, `raw-${round}.db`), BATCH))
    }
    const beside = (raw: number, besideWhat: string) => ({ ours: median(rounds.batch), beside: raw, unit: 'calls/s', besideWhat })
    return {
      title: 'Tracking through HTTP',
      method: `A server process of its own, load from a thread of another process over loopback, ${SECONDS} s a round, medians of ${ROUNDS} rounds taken in turn. Every answered call is durable (one fsync or more per transaction) and has an id of its own. Beside batches stand the rows which that run left, written again into a new file by prepared statements, one transaction and fsync per ${BATCH} calls, with nothing parsed, priced or decided: once the journal row and the id row of each call, which is what a call leaves behind, and once the journal row alone, which could not tell a call that is sent twice.`,
      measurements: [
        atLeast(
          `calls in batches of ${BATCH}, ${BATCH_CONNECTIONS} connections`,
          beside(median(rounds.raw.map((raw) => raw.journalAndIds)), 'the same journal and id rows'),
          0.4,
        ),
        ratioOf(
          'the same, beside less than it writes',
          beside(median(rounds.raw.map((raw) => raw.journalOnly)), 'the same journal rows, no ids'),
        ),
        atLeast(
          `single calls, ${CONNECTIONS} connections`,
          { ours: median(rounds.single), beside: median(rounds.empty), unit: 'requests/s', besideWhat: 'empty POST' },
          0.5,
        ),
        under('start of the process to its first healthy answer', server.startedMs, 2_000, 'ms'),
        under('resident memory at rest', restMiB, 250, 'MB'),
      ],
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until analytics have all calls, so that a round does not pay for the one before it. */
async function untilSettled(server: ServerProcess): Promise<void> {
  for (;;) {
    const health = (await (await fetch(`${server.url}/actuator/health`)).json()) as {
      components: { db: { details: { head: number } }; calls: { details: { watermark: number } } }
    }
    if (health.components.calls.details.watermark >= health.components.db.details.head) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function measure(server: ServerProcess, path: string, body: string, connections: number): ReturnType<typeof load> {
  return load({ url: server.url + path, body, fresh: FRESH, connections, seconds: SECONDS })
}

/** Resident set of a process as the kernel counts it (Linux). */
function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / MIB
}
