import { once } from 'node:events'

/*
 * The process that hold-crash.test.ts kills: plain JavaScript over the built program, so that it starts quickly. It loads, waits to be told its
 * round, and then authorizes, extends, settles, gives up and tracks calls without end; each act that was acknowledged is a line `<act> <call id>`.
 */
const [folder = '', seed = '0'] = process.argv.slice(2)
const built = (module) => import(new URL(`../dist/${module}.js`, import.meta.url).href)
const [{ assemble }, { createInvoke }] = await Promise.all([built('assemble'), built('operations/index')])
const [told] = await once(process.stdin, 'data')
const round = Number(told.toString('utf8'))
const noCalls = { notify: () => {}, close: async () => {} }
const { services } = await assemble({ data: folder, version: 'test', auth: 'local', openCalls: async () => noCalls })
const invoke = createInvoke(services)

for (const [dimension, limit_usd] of Object.entries({ organization: '100000', agent: '20', team: '50000' })) {
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

async function act(name, id, operation, input) {
  const answer = await invoke(operation, { call_id: id, ...input })
  if (answer.ok) process.stdout.write(`${name} ${id}\n`)
  else if (answer.error.code !== 'budget_exceeded') throw new Error(`${operation}: ${answer.error.detail}`)
  return answer.ok
}

async function caller(name) {
  const dice = diceOf(Number(seed) * 1_000_003 + round * 101 + name)
  for (let at = 0; ; at++) {
    const id = `${round}-${name}-${at}`
    const who = { agent_name: `agent-${dice(40)}`, team: `team-${dice(3)}` }
    const report = { model: 'gpt-4o', input_tokens: dice(5_000), output_tokens: dice(2_000) }
    if (dice(100) < 15) {
      await act('track', id, 'track_call', { ...report, ...who })
      continue
    }
    // What is held for a second only may be taken back at any moment: it is held and settled.
    const brief = dice(100) < 10
    const asked = { ...who, model: 'gpt-4o', input_tokens: 5_000, max_output_tokens: 2_000, ttl_seconds: brief ? 1 : 600 }
    if (!(await act('hold', id, 'authorize_call', asked))) continue
    if (!brief && dice(100) < 20) await act('extend', id, 'extend_hold', { max_output_tokens: dice(6_000), ttl_seconds: 900 })
    if (dice(100) < 15) continue
    if (!brief && dice(100) < 15) await act('void', id, 'void_hold', {})
    else await act('settle', id, 'settle_call', report)
  }
}

await Promise.all(Array.from({ length: 32 }, (_, name) => caller(name)))
