import { openProjection } from '../src/adapters/duckdb/index.ts'
import { openJournalReader } from '../src/adapters/sqlite/index.ts'
import { assemble } from '../src/assemble.ts'
import { createInvoke } from '../src/operations/index.ts'

/**
 * The process that alerts.test.ts kills: an engine that delivers, and agents that spend until they have nothing left, one line for each
 * call that was acknowledged. With `drain` it only delivers what is left, and ends by itself. Its clock is ahead by so many milliseconds.
 */
const [folder = '', round = '', url = '', aheadMs = '0'] = process.argv.slice(2)
const engine = await assemble({
  data: folder,
  version: 'test',
  auth: 'local',
  deliver: true,
  now: () => Date.now() + Number(aheadMs),
  openCalls: async (stores) => (await openProjection({ path: ':memory:', threads: 1 }, openJournalReader(stores.journal))).store,
})
const invoke = createInvoke(engine.services)

async function done(operation: string, input: object): Promise<unknown> {
  const answer = await invoke(operation, input)
  if (!answer.ok) throw new Error(`${operation}: ${answer.error.detail}`)
  return answer.value
}

async function spendAll(agent: string): Promise<void> {
  for (let call = 0; call < 30; call++) {
    await done('track_call', { agent_name: agent, model: 'gpt-4o', input_tokens: 0, output_tokens: 4_000 })
    process.stdout.write(`${agent}\n`)
  }
}

if (round === 'drain') {
  while ((await engine.services.alerts.nextDue()) !== null) {
    engine.services.dispatcher.wake()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await engine.close()
} else {
  if (round === '0') {
    await done('set_budget', { dimension: 'agent', period: 'total', limit_usd: '1', mode: 'soft', thresholds: [75, 90] })
    await done('register_webhook', { url, config: { threshold_pct: 60 } })
    await done('register_webhook', { url })
  }
  await Promise.all(Array.from({ length: 4 }, (_, name) => spendAll(`agent-${round}-${name}`)))
  // All has been spent before anybody came to kill it: what is left is to deliver.
  await new Promise((resolve) => setTimeout(resolve, 30_000))
}
