import { estimateTokenCount } from 'tokenx'
import { ERRORS } from '../../../kernel/index.ts'
import { type Failure, failureOf } from '../dialects/index.ts'
import type { UnderWay } from '../relay.ts'

/** Watches a stream against what is held for it. */
export interface Growth {
  grew(bytes: number): void
  stop(): void
}

/** The text is counted anew when the stream has grown by so much, and by a tenth: counting it with every piece would cost more than sending it. */
const STEP_BYTES = 4_096
const NEAR = 0.8

/**
 * Holds more for a stream that comes near what is held for its output, twice as much each time; where that is refused the stream is cut, with the refusal. What
 * a model thinks and does not send cannot be seen here: where that counts, the limit that is sent along with the request keeps to the hold.
 */
export function growth({ plan, passage, gateway }: UnderWay, delivered: () => string, cut: (failure: Failure) => void): Growth {
  let held = passage.maxOutputTokens
  let bytes = 0
  let nextAt = STEP_BYTES
  let asking = false
  let stopped = false
  const extend = async (tokens: number): Promise<void> => {
    asking = true
    const most = Math.max(held * 2, tokens * 2)
    const extended = await passage.extend(most)
    asking = false
    if (extended.ok) held = most
    else if (!stopped && extended.error.code !== 'already_ended') cut(failureOf(extended.error, ERRORS[extended.error.code].status))
  }
  const limited = plan.needs.outputTokens !== null || passage.clamped
  return {
    grew(more) {
      bytes += more
      if (limited || bytes < nextAt || asking || stopped) return
      nextAt = Math.max(bytes + STEP_BYTES, Math.floor(bytes * 1.1))
      const tokens = estimateTokenCount(delivered())
      if (tokens > held * NEAR) extend(tokens).catch((error) => gateway.onFault(error, passage.callId))
    },
    stop() {
      stopped = true
    },
  }
}
