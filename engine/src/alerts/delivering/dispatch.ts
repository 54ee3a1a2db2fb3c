import type { Clock, Millis, RandomBytes } from '../../kernel/index.ts'
import type { AlertStore, Claimed, Outgoing, Target } from '../ports.ts'
import type { Alert, Attempt, Webhook } from '../records.ts'
import { deliveryOf } from '../telling/routing.ts'
import { messageOf } from './message.ts'
import { settled } from './settle.ts'

export interface DispatcherParts {
  readonly store: AlertStore
  readonly outgoing: Outgoing
  readonly now: Clock
  readonly randomBytes: RandomBytes
}

/** Takes what is due to where it belongs. */
export interface Dispatcher {
  /** Looks for what is due, and goes on until nothing is. Does nothing before `start`. */
  wake(): void
  start(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** Begins nothing more, and waits a little for what is under way: what has not ended then is as if it had never begun, and made again later. */
  stop(): Promise<void>
  /** Sends one alert to one webhook at once, whatever else is waiting; the log has it like any other. Null when the webhook is gone meanwhile. */
  sendNow(alert: Alert, webhook: Webhook): Promise<Attempt | null>
}

/** Attempts under way: in all, and to one receiver. A slow one holds up nobody but itself. */
const UNDER_WAY_MAX = 256
const UNDER_WAY_PER_TARGET_MAX = 4
/** A node that dies with a delivery in its hands leaves it to others after this. Longer than any attempt takes. */
export const CLAIM_MS = 60_000
/** Also without being woken, deliveries of other nodes are looked for. */
const LOOK_MS = 15_000

export function dispatcher(parts: DispatcherParts): Dispatcher {
  const { store, now } = parts
  const underWay = new Map<string, number>()
  const attempts = new Set<Promise<unknown>>()
  let looking: Promise<void> | null = null
  let again = false
  let timer: NodeJS.Timeout | null = null
  let state: 'new' | 'running' | 'stopped' = 'new'
  const abandoned = new AbortController()

  async function look(): Promise<void> {
    while (again && state === 'running') {
      again = false
      for (const target of await store.dueTargets(now())) await take(target)
    }
    if (state === 'running') sleepUntil(await store.nextDue())
  }

  async function take(target: Target): Promise<void> {
    const key = JSON.stringify([target.organization, target.webhook])
    const busy = underWay.get(key) ?? 0
    const free = Math.min(UNDER_WAY_PER_TARGET_MAX - busy, UNDER_WAY_MAX - attempts.size)
    if (free <= 0) return
    const at = now()
    for (const claimed of await store.claim(target, free, at, at + CLAIM_MS)) begin(key, claimed)
  }

  function begin(key: string, claimed: Claimed): void {
    underWay.set(key, (underWay.get(key) ?? 0) + 1)
    const attempt: Promise<unknown> = attemptOnce(parts, claimed, abandoned.signal)
      // What could not be written is tried again when the claim has lapsed: delivered twice rather than never.
      .catch(() => null)
      .finally(() => {
        const left = (underWay.get(key) ?? 1) - 1
        if (left === 0) underWay.delete(key)
        else underWay.set(key, left)
        attempts.delete(attempt)
        wake()
      })
    attempts.add(attempt)
  }

  function sleepUntil(due: Millis | null): void {
    if (timer !== null) clearTimeout(timer)
    // What is due and not taken waits for a place, which wakes this by itself.
    const ms = due === null ? LOOK_MS : Math.min(Math.max(due - now(), MS_MIN), LOOK_MS)
    timer = setTimeout(wake, ms)
    timer.unref()
  }

  function wake(): void {
    if (state !== 'running') return
    again = true
    looking ??= look()
      .catch(() => sleepUntil(null))
      .finally(() => {
        looking = null
        if (again) wake()
      })
  }

  async function idle(): Promise<void> {
    while (looking !== null || attempts.size > 0) {
      await looking
      await Promise.all(attempts)
    }
  }

  return {
    wake,
    idle,
    start() {
      state = 'running'
      wake()
    },
    async stop() {
      state = 'stopped'
      if (timer !== null) clearTimeout(timer)
      let patience: NodeJS.Timeout | undefined
      await Promise.race([idle(), new Promise((resolve) => (patience = setTimeout(resolve, STOP_MS)))])
      clearTimeout(patience)
      if (timer !== null) clearTimeout(timer)
      abandoned.abort()
    },
    async sendNow(alert, webhook) {
      const at = now()
      const delivery = deliveryOf(alert, webhook, at + CLAIM_MS)
      await store.tell({ alerts: [alert], deliveries: [delivery] })
      return attemptOnce(parts, { alert, webhook, delivery }, abandoned.signal)
    },
  }
}

const MS_MIN = 250
const STOP_MS = 2_000

async function attemptOnce(
  { store, outgoing, now, randomBytes }: DispatcherParts,
  claimed: Claimed,
  abandoned: AbortSignal,
): Promise<Attempt | null> {
  const { alert, webhook, delivery } = claimed
  const began = now()
  const sent = await outgoing.send(messageOf(alert, webhook, began))
  if (abandoned.aborted) return null
  const at = now()
  const random = fractionOf(randomBytes(4))
  const durationMs = Math.max(at - began, 0)
  const settlement = await store.settle(delivery, (kept, current, all) =>
    settled(kept, current, all, { alert, sent, at, durationMs, random }),
  )
  return settlement?.attempt ?? null
}

function fractionOf(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32LE(0) / 2 ** 32
}
