import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresSkipReason } from '../../conformance/postgres/test-database.ts'
import type { ServerProcess } from '../process/server-process.ts'
import { diceOf } from '../sim/dice.ts'
import { openPostgres } from '../src/adapters/postgres/index.ts'
import { checkActs, checkNothingLeaks } from './acts-checked.ts'
import { type Act, callWithoutEnd, LIMITS_USD } from './hold-acts.js'
import { type Nodes, startNodes } from './nodes.ts'

const skipReason = await postgresSkipReason()
const KILLS = 10
const CALLERS = 16
const SEED = 5
/** How long callers wait between acts while a node is down: it is to come up soon, beside them on the same machine. */
const PAUSE_MS = 250

describe.skipIf(skipReason !== null)(`two server processes on one PostgreSQL database ${skipReason ?? ''}`, () => {
  let nodes: Nodes
  beforeAll(async () => {
    nodes = await startNodes()
  }, 150_000)
  afterAll(() => nodes?.remove())

  it(`one of them killed at ${KILLS} random moments: what either acknowledged is there once, no hold leaks, and the other goes on`, {
    timeout: 180_000,
  }, async () => {
    for (const [dimension, limit_usd] of Object.entries(LIMITS_USD)) {
      const set = await nodes.ask(0, 'PUT', '/v1/finops/budgets', { dimension, period: 'total', limit_usd })
      expect(set.status, set.text).toBe(200)
    }
    const load = startLoad(nodes)
    const dice = diceOf(SEED, 'kills')
    for (let kill = 0; kill < KILLS; kill++) {
      const node = dice.below(2)
      await load.acknowledgedMore(1 + dice.below(100))
      load.killed.add(nodes.server(node))
      await nodes.server(node).kill()
      // The other one alone, then both again.
      await load.acknowledgedMore(20)
      await nodes.restart(node)
    }
    await load.acknowledgedMore(50)
    const { acknowledged, askedAgain } = await load.end()
    expect(askedAgain).toBeGreaterThan(KILLS)
    for (const node of [0, 1]) expect((await nodes.ask(node, 'POST', '/v1/finops/verify', {})).body).toMatchObject({ ok: true })
    await nodes.stop()
    const stores = await openPostgres({ url: nodes.databaseUrl })
    await checkActs(acknowledged, stores.ledger, KILLS)
    await checkNothingLeaks(stores.ledger)
    await stores.close()
  })
})

interface Load {
  /** Processes that were killed, and may answer nothing; all others must answer. */
  readonly killed: Set<ServerProcess>
  /** Resolves when so many more acts are acknowledged; rejects when a node that was not killed has failed. */
  acknowledgedMore(acts: number): Promise<void>
  /** Ends all callers: every act that was acknowledged, and how many were asked for again at the other node. */
  end(): Promise<{ readonly acknowledged: readonly string[]; readonly askedAgain: number }>
}

/** Callers that ask one node or the other. What a killed one did not answer most of them ask the other again, and the rest give up. */
function startLoad(nodes: Nodes): Load {
  const killed = new Set<ServerProcess>()
  const acknowledged: string[] = []
  let askedAgain = 0
  let going = true
  const caller = (name: number): Promise<void> => {
    const dice = diceOf(SEED, `caller ${name}`)
    const act = async (what: Act, id: string, input: object): Promise<boolean> => {
      if ([0, 1].some((node) => killed.has(nodes.server(node)))) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      const node = dice.below(2)
      let granted = await granting(node, what, id, input)
      if (granted === null && dice.perMille(700)) {
        askedAgain += 1
        granted = await granting(1 - node, what, id, input)
      }
      if (granted === true) acknowledged.push(`${what} ${id}`)
      return granted === true
    }
    return callWithoutEnd({ prefix: String(name), below: dice.below, act, going: () => going })
  }
  /** Whether a node grants an act; null where it was killed, so that nobody knows. */
  const granting = async (node: number, what: Act, id: string, input: object): Promise<boolean | null> => {
    const server = nodes.server(node)
    const path = `/v1/finops/calls/${PATHS[what] ?? `${id}/${what}`}`
    const body = PATHS[what] === undefined ? input : { call_id: id, ...input }
    try {
      const { status, text } = await nodes.ask(node, 'POST', path, body)
      if (status !== 200 && status !== 402) throw new Error(`${what}: ${status} ${text}`)
      return status === 200
    } catch (error) {
      if (killed.has(server)) return null
      throw error
    }
  }
  const all = Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)))
  // Told to whoever waits for it next.
  all.catch(() => {
    going = false
  })
  return {
    killed,
    async acknowledgedMore(acts) {
      const enough = acknowledged.length + acts
      const pause = () => new Promise((resolve) => setTimeout(resolve, 1))
      while (acknowledged.length < enough && going) await pause()
      if (!going) await all
    },
    async end() {
      going = false
      await all
      return { acknowledged, askedAgain }
    },
  }
}

const PATHS: Partial<Record<Act, string>> = { hold: 'authorize', track: 'track' }
