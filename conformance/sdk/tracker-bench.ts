import { expect } from 'vitest'
import type { DeliveryError, LossReport, TrackerOptions } from '../../sdk/src/options.ts'
import { createTracker, type Tracker } from '../../sdk/src/tracker.ts'
import { type HandTimers, handTimers, settle } from './hand-timers.ts'
import { batchAnswer } from './stub-purser.ts'

interface Sent {
  readonly url: string
  readonly body: Record<string, unknown>
  readonly headers: Record<string, string>
}

/** A tracker over a server, timers and ids that the test plays. */
export interface Bench {
  readonly tracker: Tracker
  readonly sent: Sent[]
  /** One per request, in order: a status with body and headers, or an error to reject with. Afterwards everything is accepted. */
  readonly script: (Error | 'hang' | { status: number; body?: unknown; text?: string; headers?: Record<string, string> })[]
  readonly timers: HandTimers
  readonly errors: DeliveryError[]
  readonly losses: LossReport[]
}

export const INTERVAL = 1000
export const RETRY_1 = 375

export function bench(options: TrackerOptions = {}): Bench {
  const sent: Sent[] = []
  const script: Bench['script'] = []
  const timers = handTimers()
  const errors: DeliveryError[] = []
  const losses: LossReport[] = []
  let ids = 0
  const tracker = createTracker({
    url: 'http://purser.test/base/',
    fetch: async (url, { body, headers, signal }) => {
      const parsed = JSON.parse(body) as Record<string, unknown>
      sent.push({ url, body: parsed, headers })
      const next = script.shift() ?? { status: 200 }
      if (next === 'hang') return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      if (next instanceof Error) throw next
      const usual = Array.isArray(parsed.calls) ? batchAnswer(parsed.calls as Record<string, unknown>[]) : {}
      return new Response(next.text ?? JSON.stringify(next.body ?? usual), { status: next.status, headers: next.headers ?? {} })
    },
    timers,
    now: () => Date.parse('2026-11-22T10:00:00Z'),
    random: () => 0.5,
    newId: () => {
      ids += 1
      return `id-${ids}`
    },
    onError: (error) => errors.push(error),
    onLost: (report) => losses.push(report),
    ...options,
  })
  return { tracker, sent, script, timers, errors, losses }
}

/** Lets the timer of this delay go off, and what follows from it settle. */
export async function fire({ timers }: Bench, delayMs: number): Promise<void> {
  expect(timers.delays()).toContain(delayMs)
  timers.fire(delayMs)
  await settle()
}

export const call = { agentName: 'DataAnalyzer', model: 'gpt-4o', inputTokens: 1000, outputTokens: 500 }
