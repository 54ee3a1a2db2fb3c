import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { built } from './built.ts'
import { agentBodies, leafBodies, SPANS_PER_BODY } from './otlp-payload.ts'
import { type RawRates, rawSqlite } from './raw-sqlite.ts'
import { type Measurement, median, rounded, type Section } from './section.ts'

type Assembly = typeof import('../src/assemble.ts')
type Embedded = typeof import('../src/embedded.ts')
type Operations = typeof import('../src/operations/index.ts')
type Surface = typeof import('../src/surfaces/otlp/index.ts')
type Usage = typeof import('../src/usage/index.ts')
type Thread = typeof import('../src/adapters/duckdb/thread/start-thread.ts')
type Parts = Assembly & Embedded & Operations & Surface & Usage & Thread

const BODIES = 40
const ROUNDS = 6
const TARGET = 40_000
const FLOOD = 64
const FLOOD_BODIES_EACH = 8
const MIB = 1024 * 1024

/** Telemetry from bytes to the ledger, beside decoding alone and beside its rows written straight into SQLite. */
export async function benchOtlp(): Promise<Section> {
  const parts: Parts = {
    ...(await built<Assembly>('assemble')),
    ...(await built<Embedded>('embedded')),
    ...(await built<Operations>('operations/index')),
    ...(await built<Surface>('surfaces/otlp/index')),
    ...(await built<Usage>('usage/index')),
    ...(await built<Thread>('adapters/duckdb/thread/start-thread')),
  }
  // First, while nothing of what is measured below has made the process grow.
  const memory = await flood(parts)
  const agent = await measure(parts, agentBodies)
  const leaf = await measure(parts, leafBodies)
  return {
    title: 'Telemetry (OTLP)',
    method: `Bodies of ${SPANS_PER_BODY} spans in protobuf, in process through the door of the protocol, two in flight: unpacked, decoded, mapped, merged, priced and durable before the answer, with the columnar store following in its own thread. A second is one of processor time of the thread that does all this, as on a core of its own; beside it what the clock said on this shared machine, with that other thread at work. The rows are those which the run left, journal and ids, written again into a new file by prepared statements, 100 to a transaction and fsync. Medians of ${ROUNDS} rounds of ${BODIES} bodies.`,
    measurements: [
      taken('ten spans of an agent, three of them calls, in a run that starts and ends', agent),
      decoded('the same, decoded and no more', agent),
      rows('the same, beside its rows alone', agent),
      taken('spans that are all calls, each in a trace of its own', leaf),
      decoded('the same, decoded and no more', leaf),
      rows('the same, beside its rows alone', leaf),
      memory,
    ],
  }
}

interface Measured {
  readonly perCoreSecond: number
  readonly perSecond: number
  readonly decodedPerCoreSecond: number
  /** Spans a second whose rows are written, and nothing else is done. */
  readonly rowsPerSecond: number
}

async function measure(parts: Parts, make: (count: number) => Buffer[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const data = join(folder, 'data')
  const engine = await parts.assemble({ data, version: '0.0.0-bench', auth: 'local', openCalls: parts.callsBeside(parts.startThread()) })
  try {
    const send = sender(parts, engine)
    const decodedPerCoreSecond = decodeAlone(parts, make(BODIES))
    const core: number[] = []
    const clock: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const bodies = make(BODIES)
      const cpu = coreMs()
      const start = performance.now()
      let waiting: Promise<void> = Promise.resolve()
      for (const body of bodies) {
        const next = send(body)
        await waiting
        waiting = next
      }
      await waiting
      clock.push((bodies.length * SPANS_PER_BODY) / ((performance.now() - start) / 1_000))
      core.push((bodies.length * SPANS_PER_BODY) / ((coreMs() - cpu) / 1_000))
    }
    const spans = ROUNDS * BODIES * SPANS_PER_BODY
    const entries = engine.services.committer.head()
    await engine.close()
    const raw: RawRates = rawSqlite(data, join(folder, 'raw.db'), 100)
    return {
      perCoreSecond: median(core),
      perSecond: median(clock),
      decodedPerCoreSecond,
      rowsPerSecond: (raw.journalAndIds * spans) / entries,
    }
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Engine = Awaited<ReturnType<Assembly['assemble']>>

function sender(parts: Parts, { services }: Engine): (body: Buffer) => Promise<void> {
  const door = parts.createOtlpDoor(parts.telemetryReceiver(services), services.keyring)
  return async (body) => {
    const { status, body: answer } = await door.take(requestOf(body), parts.LOCAL_CALLER)
    if (status !== 200 || answer.length > 0) throw new Error(`a body was not taken whole: ${status}`)
  }
}

function requestOf(body: Buffer): Parameters<ReturnType<Surface['createOtlpDoor']>['take']>[0] {
  const contentType = 'application/x-protobuf'
  return { signal: 'traces', contentType, contentEncoding: undefined, contentLength: String(body.length), body: Readable.from([body]) }
}

function decodeAlone({ spansOfProtobuf }: Usage, bodies: readonly Buffer[]): number {
  for (const body of bodies) spansOfProtobuf(body)
  const cpu = coreMs()
  let spans = 0
  for (let round = 0; round < 10; round++) for (const body of bodies) spans += spansOfProtobuf(body).length
  return spans / ((coreMs() - cpu) / 1_000)
}

const TICKS_MS = 10

/** Processor time of the main thread where the kernel tells it (Linux), else of the process. */
function coreMs(): number {
  const file = `/proc/self/task/${process.pid}/stat`
  if (!existsSync(file)) {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  const fields = (readFileSync(file, 'utf8').split(') ')[1] ?? '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICKS_MS
}

/** Many large bodies at once: what is in flight is bounded, and who finds no room is told to come again. */
async function flood(parts: Parts): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const engine = await parts.assemble({
    data: folder,
    version: '0.0.0-bench',
    auth: 'local',
    openCalls: parts.callsBeside(parts.startThread()),
  })
  try {
    const door = parts.createOtlpDoor(parts.telemetryReceiver(engine.services), engine.services.keyring)
    // Bodies of 8 MiB each, most of it prompts: in chunks, as a socket would bring them.
    const body = Buffer.concat(leafBodies(FLOOD_BODIES_EACH))
    const before = process.memoryUsage().rss
    let most = before
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 5)
    const answers = await Promise.all(
      Array.from({ length: FLOOD }, () => door.take({ ...requestOf(body), body: Readable.from(chunksOf(body)) }, parts.LOCAL_CALLER)),
    )
    clearInterval(watch)
    const taken = answers.filter(({ status }) => status === 200).length
    const later = answers.filter(({ status, headers }) => status === 503 && headers['retry-after'] !== undefined).length
    const grown = (Math.max(most, process.memoryUsage().rss) - before) / MIB
    return {
      what: `memory that ${FLOOD} bodies of ${rounded(body.length / MIB)} MiB at once add`,
      ours: `${rounded(grown)} MiB`,
      beside: `${rounded((FLOOD * body.length) / MIB)} MiB (sent)`,
      target: 'each is taken or told to come again',
      figure: `${taken} taken, ${later} told`,
      met: taken + later === FLOOD,
    }
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const CHUNK = 65_536

function* chunksOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += CHUNK) yield body.subarray(at, at + CHUNK)
}

function taken(what: string, { perCoreSecond, perSecond }: Measured): Measurement {
  return {
    what,
    ours: `${rounded(perCoreSecond)} spans/s`,
    beside: `${rounded(perSecond)} spans/s (by the clock)`,
    target: `at least ${rounded(TARGET)} spans/s`,
    figure: rounded(perCoreSecond),
    met: perCoreSecond >= TARGET,
  }
}

function decoded(what: string, { perCoreSecond, decodedPerCoreSecond }: Measured): Measurement {
  const figure = (perCoreSecond / decodedPerCoreSecond).toFixed(2)
  return {
    what,
    ours: `${rounded(perCoreSecond)} spans/s`,
    beside: `${rounded(decodedPerCoreSecond)} spans/s (decoded)`,
    target: '',
    figure,
    met: null,
  }
}

function rows(what: string, { perSecond, rowsPerSecond }: Measured): Measurement {
  const figure = (perSecond / rowsPerSecond).toFixed(2)
  return {
    what,
    ours: `${rounded(perSecond)} spans/s`,
    beside: `${rounded(rowsPerSecond)} spans/s (journal and id rows)`,
    target: '',
    figure,
    met: null,
  }
}
