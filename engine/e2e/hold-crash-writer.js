import { once } from 'node:events'
import { callWithoutEnd, LIMITS_USD } from './hold-acts.js'

/*
 * The process that hold-crash.test.ts kills: plain JavaScript over the built program, so that it starts quickly. It loads, waits to be told its
 * round, and then calls without end; each act that was acknowledged is a line `<act> <call id>`.
 */
const [folder = '', seed = '0'] = process.argv.slice(2)
const built = (module) => import(new URL(`../dist/${module}.js`, import.meta.url).href)
const [{ assemble }, { createInvoke }] = await Promise.all([built('assemble'), built('operations/index')])
const [told] = await once(process.stdin, 'data')
const round = Number(told.toString('utf8'))
const noCalls = { notify: () => {}, close: async () => {} }
const { services } = await assemble({ data: folder, version: 'test', auth: 'local', openCalls: async () => noCalls })
const invoke = createInvoke(services)

for (const [dimension, limit_usd] of Object.entries(LIMITS_USD)) {
  const set = await invoke('set_budget', { dimension, period: 'total', limit_usd })
  if (!set.ok) throw new Error(set.error.detail)
}

/** Whole numbers below a limit, the same for a seed (a linear congruential generator). */
function diceOf(from) {
  let state = from >>> 0
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

const OPERATIONS = { hold: 'authorize_call', extend: 'extend_hold', void: 'void_hold', settle: 'settle_call', track: 'track_call' }

async function act(name, id, input) {
  const answer = await invoke(OPERATIONS[name], { call_id: id, ...input })
  if (answer.ok) process.stdout.write(`${name} ${id}\n`)
  else if (answer.error.code !== 'budget_exceeded') throw new Error(`${name}: ${answer.error.detail}`)
  return answer.ok
}

const caller = (name) =>
  callWithoutEnd({ prefix: `${round}-${name}`, below: diceOf(Number(seed) * 1_000_003 + round * 101 + name), act, going: () => true })
await Promise.all(Array.from({ length: 32 }, (_, name) => caller(name)))
