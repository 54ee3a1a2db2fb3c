import type { PriceableCall } from '../../calls/index.ts'
import { picos, ZERO } from '../../kernel/index.ts'
import { isCold } from './cold-calls.ts'
import { type ExactCall, type PriceOf, readInstead, repriced } from './exact-call.ts'
import { cachedTokens, SHORT_TTL_MS, type Step } from './lanes.ts'
import { writesShort } from './longer-ttl.ts'
import { type CacheScenario, type CallChange, ordered, scenarioOf } from './scenario.ts'

/**
 * What it would have saved to give work to a session that is warm in place of starting a new one beside it: heartbeats and small tasks. Of each cold
 * first call of a session while another session of the same agent and model was used within five minutes: what it wrote is read, as far as the warm one had
 * as much, and all of the warm session's context is read with it. Nothing of it at the least: what a task says is its own.
 */
export function mergedColdStarts(steps: readonly Step[], exact: ReadonlyMap<number, ExactCall>, price: PriceOf): CacheScenario {
  const changes: CallChange[] = []
  let concerned = 0
  for (const { call, warm } of coldStarts(steps)) {
    const found = exact.get(call.seq)
    if (found === undefined || writesShort(found) === 0) continue
    concerned += 1
    const cost = repriced(call, found, price, (meters) => {
      const merged = readInstead(meters, warm, '5m')
      return { ...merged, 'input.cache_read': Math.max(merged['input.cache_read'] ?? 0, warm) }
    })
    if (cost === null || call.cost === null) continue
    const saved = picos(call.cost - cost)
    changes.push({ call, expected: null, ...ordered(saved, ZERO) })
  }
  return scenarioOf('merged_cold_starts', TEXTS, changes, { concerned, reason: concerned === 0 ? NONE : UNKNOWN })
}

const TEXTS = {
  assumption:
    'The cold session begins with the context of the warm one (instructions, tools, files), and its answer would have been as good there. The range says from nothing to all of it.',
  advice: 'Give heartbeats, scheduled tasks and small jobs to a session that is in use, and start fewer of them.',
}
const NONE = 'no session started cold while another one of the same agent and model was warm'
const UNKNOWN = 'figures do not tell how much of a context two sessions share, so the saving is a range'

/** Cold first calls of sessions, with the tokens in the cache of another session of the agent that was warm then. */
function coldStarts(steps: readonly Step[]): { readonly call: PriceableCall; readonly warm: number }[] {
  const starts: { call: PriceableCall; warm: number }[] = []
  const lastOf = new Map<string, Map<string, { at: number; cached: number }>>()
  for (const step of steps) {
    const { call, lane, by } = step
    if (by !== 'session' || call.agent === null) continue
    const agent = JSON.stringify([call.organization, call.seller, call.model, call.agent])
    const lanes = lastOf.get(agent) ?? new Map<string, { at: number; cached: number }>()
    lastOf.set(agent, lanes)
    for (const [other, { at }] of lanes) if (call.at - at > SHORT_TTL_MS) lanes.delete(other)
    if (step.gapMs === null && isCold(step)) {
      const warm = Math.max(0, ...[...lanes].map(([other, { cached }]) => (other === lane ? 0 : cached)))
      if (warm > 0) starts.push({ call, warm })
    }
    const cached = cachedTokens(call)
    if (cached > 0) lanes.set(lane, { at: call.at, cached })
  }
  return starts
}
