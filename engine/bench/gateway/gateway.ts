import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Synthetic } from '../../../conformance/upstream/synthetic.ts'
import { startServer } from '../../process/server-process.ts'
import { load } from '../load.ts'
import { atLeast, type Measurement, median, ratioOf, rounded, type Section } from '../section.ts'
import { startPortkey } from './portkey.ts'
import { runProcess, type Served, startProcess } from './processes.ts'
import type { Quantiles, TimedLoad, TimedPlan } from './timed-load-process.ts'

const UPSTREAM = new URL('./upstream-process.ts', import.meta.url)
const BARE_PROXY = new URL('./bare-proxy-process.ts', import.meta.url)
const TIMED_LOAD = new URL('./timed-load-process.ts', import.meta.url)

const ROUNDS = 5
const SECONDS = 2
/** A server runs for days: what it does for the first thousands of times, while it is still being compiled, is not what is asked here. */
const WARM_SECONDS = 8
const CONNECTIONS = 64
const ADDED_P50_MS_MAX = 1.5
const THROUGHPUT_RATIO_MIN = 2
const ANSWER: Synthetic = { chunks: 32, chunkChars: 20, promptTokens: 1_200, completionTokens: 160 }

/** A request of some 2 kB, as an agent's early ones are. */
const REQUEST = {
  model: 'gpt-4o',
  max_tokens: 400,
  messages: [
    { role: 'system', content: 'You are a careful assistant. '.repeat(60) },
    { role: 'user', content: 'Say what there is to say.' },
  ],
}
const BODIES = { whole: JSON.stringify(REQUEST), stream: JSON.stringify({ ...REQUEST, stream: true }) } as const
type Kind = keyof typeof BODIES

/** Someone who passes requests on to the same provider. */
interface Contender {
  readonly name: 'purser' | 'bare' | 'portkey'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** What the gateway adds to a call, beside a proxy on the same libraries that does nothing but pass on, and beside the Portkey gateway. */
export async function benchGateway(say: (line: string) => void): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const running: Served[] = []
  const started = async (served: Promise<Served>): Promise<Served> => {
    const one = await served
    running.push(one)
    return one
  }
  try {
    const upstream = await started(startProcess(UPSTREAM, JSON.stringify(ANSWER)))
    const bare = await started(startProcess(BARE_PROXY, upstream.url))
    const env = { PURSER_UPSTREAM_OPENAI: upstream.url, OPENAI_API_KEY: 'sk-provider' }
    const purser = await started(startServer(join(folder, 'data'), env))
    await limit(purser.url)
    const portkey = await startPortkey(join(folder, 'portkey'))
    if (typeof portkey === 'string') say(portkey)
    else running.push(portkey)
    const contenders: Contender[] = [
      { name: 'bare', url: `${bare.url}/v1/chat/completions`, headers: AUTHORIZED },
      { name: 'purser', url: `${purser.url}/openai/v1/chat/completions`, headers: AUTHORIZED },
      ...(typeof portkey === 'string' ? [] : [portkeyOf(portkey, upstream)]),
    ]
    const syncs: number[] = []
    const rounds = await measured(contenders, say, () => syncs.push(...syncTimesMs(join(folder, 'synced'))))
    return sectionOf(rounds, median(syncs), typeof portkey === 'string' ? portkey : null)
  } finally {
    for (const served of running.reverse()) await served.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const AUTHORIZED = { authorization: 'Bearer sk-of-the-client' }

function portkeyOf({ url }: Served, upstream: Served): Contender {
  const headers = { ...AUTHORIZED, 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream.url}/v1` }
  return { name: 'portkey', url: `${url}/v1/chat/completions`, headers }
}

/** A hard budget that every call is held in; without one there is nothing to hold. */
async function limit(url: string): Promise<void> {
  const body = JSON.stringify({ dimension: 'organization', value: '*', period: 'month', limit_usd: '1000000' })
  const answer = await fetch(`${url}/v1/finops/budgets`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
  if (answer.status !== 200) throw new Error(`the budget was refused: ${await answer.text()}`)
}

/** Of one round: times at one connection and at many, and how many are answered in a second. */
interface Round {
  readonly one: { readonly [K in Kind]: TimedLoad }
  readonly many: { readonly [K in Kind]: TimedLoad }
  readonly wholePerSecond: number
}
type Rounds = { readonly [N in Contender['name']]: Round[] }

const SYNCS = 50

/** How long the disk takes by itself, which is not the gateway's doing. */
function syncTimesMs(path: string): number[] {
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(8_192, 1)
  const times = Array.from({ length: SYNCS }, () => {
    writeSync(file, bytes)
    const began = performance.now()
    fsyncSync(file)
    return performance.now() - began
  })
  closeSync(file)
  return times
}

/** All contenders in turn, round after round, so that what else the machine does falls on each alike. */
async function measured(contenders: readonly Contender[], say: (line: string) => void, sync: () => void): Promise<Rounds> {
  const rounds: Rounds = { purser: [], bare: [], portkey: [] }
  // What runs for the first time is compiled first; nothing of that is counted.
  for (const contender of contenders)
    for (const kind of ['whole', 'stream'] as const) await timedLoad(contender, kind, CONNECTIONS, WARM_SECONDS)
  for (let round = 0; round < ROUNDS; round += 1) {
    sync()
    for (const contender of contenders) {
      const timed = (kind: Kind, connections: number): Promise<TimedLoad> => timedLoad(contender, kind, connections)
      const one = { whole: await timed('whole', 1), stream: await timed('stream', 1) }
      const many = { whole: await timed('whole', CONNECTIONS), stream: await timed('stream', CONNECTIONS) }
      const { url, headers } = contender
      const whole = await load({ url, headers, body: BODIES.whole, fresh: null, connections: CONNECTIONS, seconds: SECONDS })
      rounds[contender.name].push({ one, many, wholePerSecond: whole.perSecond })
      const { p50Ms } = one.whole.end
      say(
        `round ${round + 1}, ${contender.name}: ${rounded(p50Ms)} ms, ${rounded(whole.perSecond)} whole and ${rounded(many.stream.perSecond)} streams/s`,
      )
    }
  }
  return rounds
}

function timedLoad({ url, headers }: Contender, kind: Kind, connections: number, seconds = SECONDS): Promise<TimedLoad> {
  const plan: TimedPlan = { url, headers, body: BODIES[kind], connections, seconds }
  return runProcess<TimedLoad>(TIMED_LOAD, JSON.stringify(plan))
}

function sectionOf(rounds: Rounds, syncMs: number, absent: string | null): Section {
  const streamsPerSecond = (round: Round) => round.many.stream.perSecond
  const times: [what: string, of: (round: Round) => Quantiles, isTarget: boolean][] = [
    ['whole answers, 1 connection', (round) => round.one.whole.end, true],
    ['streams to the first byte, 1 connection', (round) => round.one.stream.firstByte, true],
    ['streams to the end, 1 connection', (round) => round.one.stream.end, false],
    [`whole answers, ${CONNECTIONS} connections`, (round) => round.many.whole.end, false],
    [`streams to the first byte, ${CONNECTIONS} connections`, (round) => round.many.stream.firstByte, false],
    [`streams to the end, ${CONNECTIONS} connections`, (round) => round.many.stream.end, false],
  ]
  const throughput = (what: string, of: (round: Round) => number): Measurement[] => {
    const at = (name: Contender['name'], besideWhat = ''): Pair => ({
      ours: middle(rounds.purser, of),
      beside: middle(rounds[name], of),
      unit: 'calls/s',
      besideWhat,
    })
    const line = `${what}, ${CONNECTIONS} connections`
    return [
      ...(absent === null ? [atLeast(line, at('portkey', 'the Portkey gateway'), THROUGHPUT_RATIO_MIN)] : []),
      ratioOf(line, at('bare', 'the bare proxy')),
    ]
  }
  return {
    title: 'The gateway',
    method: `Chat completions passed on to one provider made up for this: whole answers and streams of ${ANSWER.chunks} events that come at once, requests of ${Math.round(BODIES.whole.length / 1_000)} kB. Every call is identified, held for in a hard budget, metered, priced and posted, durable before its answer ends; a stream's usage is asked for and hidden again. Beside it a proxy on the same libraries that does nothing but pass on, and the Portkey gateway 1.15.2 from npm, which keeps no books${absent === null ? '' : ` (not measured: ${absent})`}. Each in a process of its own, ${SECONDS} s a round and kind, medians of ${ROUNDS} rounds taken in turn; provider, load and contender share the processors.`,
    measurements: [
      ...times.flatMap(([what, of, isTarget]) => [
        added(`p50 added to ${what}`, rounds, (round) => of(round).p50Ms, isTarget),
        added(`p99 added to ${what}`, rounds, (round) => of(round).p99Ms, false),
      ]),
      {
        what: 'a sync of 8 kB to the same disk, of which a call waits for two',
        ours: `${rounded(syncMs)} ms`,
        beside: '',
        target: '',
        figure: rounded(syncMs),
        met: null,
      },
      ...throughput('whole answers', (round) => round.wholePerSecond),
      ...throughput('streams', streamsPerSecond),
    ],
  }
}

type Pair = Parameters<typeof ratioOf>[1]

/** What our time is above the bare proxy's, in the middle of the rounds; the time of Portkey stands beside both. */
function added(what: string, { purser, bare, portkey }: Rounds, of: (round: Round) => number, isTarget: boolean): Measurement {
  const differences = purser.map((round, index) => of(round) - of(bare[index] ?? round))
  const difference = median(differences)
  const besides = [
    `${rounded(middle(bare, of))} ms (the bare proxy)`,
    ...(portkey.length === 0 ? [] : [`${rounded(middle(portkey, of))} ms (Portkey)`]),
  ]
  return {
    what,
    ours: `${rounded(middle(purser, of))} ms`,
    beside: besides.join(', '),
    target: isTarget ? `at most ${ADDED_P50_MS_MAX} ms` : '',
    figure: `${rounded(difference)} ms added`,
    met: isTarget ? difference <= ADDED_P50_MS_MAX : null,
  }
}

function middle(rounds: readonly Round[], of: (round: Round) => number): number {
  return median(rounds.map(of))
}
