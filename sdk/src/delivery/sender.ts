import type { LossReport, Settings } from '../options.ts'
import { retryDelayMs } from './backoff.ts'
import { bodyOf, nextRequests, type Request } from './plan.ts'
import { createWaitingQueue, type Item, type WaitingQueue } from './queue.ts'
import { retryAgain } from './settle.ts'
import { type Outcome, send } from './transport.ts'

/** Where what was reported has gone. Every item ends in exactly one of `sent`, `refused`, `lost`. */
export interface DeliveryStats {
  readonly waiting: number
  readonly sent: number
  readonly refused: number
  readonly lost: number
}

/**
 * Sends what waits, in order, one request at a time. Nothing here runs inside the caller's call except putting the item into the queue and
 * setting a timer.
 */
export class Sender {
  readonly #settings: Settings
  readonly #queue: WaitingQueue
  readonly #tally = { sent: 0, refused: 0, lost: 0 }
  readonly #waiters = new Set<() => void>()
  /** The window in work; the first one is in flight or waits for its next try. */
  #requests: Request[] = []
  /** Ends to be tried again, each with its timer; once that has fired they are due, and go out behind the next window. */
  readonly #later = new Map<Request, unknown>()
  #due: Request[] = []
  #sequence = 0
  /** Flushes under way, and the newest item that one of them waits for. */
  #flushing = 0
  #flushThrough = 0
  #failures = 0
  #isRunning = false
  #isClosed = false
  /** Above zero, timers hold the process open. */
  #urgency = 0
  #inFlight: AbortController | null = null
  #timer: unknown = null
  #wake: (() => void) | null = null
  #unreportedLosses = 0
  #lossReason: LossReport['reason'] = 'queue_full'

  constructor(settings: Settings) {
    this.#settings = settings
    this.#queue = createWaitingQueue(settings.waitingMax)
  }

  stats(): DeliveryStats {
    const inWork = [...this.#requests, ...this.#later.keys(), ...this.#due].reduce((sum, request) => sum + request.items.length, 0)
    return { waiting: this.#queue.length + inWork, ...this.#tally }
  }

  /** Counts a report that could not even wait. */
  refuse(): void {
    this.#tally.refused += 1
  }

  enqueue(item: Omit<Item, 'sequence'>): void {
    if (this.#isClosed) {
      this.#lose(1, 'closed')
      // No send will follow that could report it.
      this.#reportLosses()
      return
    }
    this.#sequence += 1
    if (this.#queue.push({ ...item, sequence: this.#sequence }) !== null) this.#lose(1, 'queue_full')
    this.#makeRoom()
    this.#schedule(this.#queue.length >= this.#settings.batchMax ? 0 : this.#settings.flushIntervalMs)
  }

  /**
   * Resolves when all that waits now is settled, or after the time; never rejects. An end that the server does not know is tried a last
   * time behind all that waits, without a pause, and is refused then: nothing that is still to come from here can make it known.
   */
  async flush(timeoutMs: number): Promise<DeliveryStats> {
    if (this.stats().waiting === 0) return this.stats()
    const { timers } = this.#settings
    let handle: unknown
    const timeout = new Promise<void>((resolve) => {
      handle = timers.set(resolve, timeoutMs)
    })
    this.#flushing += 1
    this.#flushThrough = this.#sequence
    this.#makeAllDue()
    this.#startNow()
    await Promise.race([this.#settledThrough(this.#sequence), timeout])
    this.#flushing -= 1
    timers.clear(handle)
    return this.stats()
  }

  /** Tries at once and holds the process open until all is settled or the time is over; what is left then is lost and reported. */
  async finish(timeoutMs: number): Promise<DeliveryStats> {
    this.#urgency += 1
    this.#makeAllDue()
    this.#startNow()
    this.#wake?.()
    await this.flush(timeoutMs)
    this.#urgency -= 1
    const left = this.stats().waiting
    if (left > 0) {
      this.#requests = []
      this.#makeAllDue()
      this.#due = []
      this.#queue.take(this.#queue.length)
      this.#failures = 0
      this.#lose(left, 'timeout')
      this.#inFlight?.abort(new Error('closed'))
      this.#wake?.()
    }
    this.#reportLosses()
    return this.stats()
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true
  }

  async #drain(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let request = this.#nextRequest(); request !== undefined; request = this.#nextRequest()) {
        const outcome = await this.#attempt(request)
        this.#reportLosses()
        this.#checkWaiters()
        if (this.#failures > 0) await this.#pause(this.#delayAfter(outcome))
      }
    } finally {
      this.#isRunning = false
      this.#checkWaiters()
    }
  }

  #nextRequest(): Request | undefined {
    if (this.#requests.length > 0) return this.#requests[0]
    const { batchMax } = this.#settings
    this.#requests = nextRequests(this.#queue, batchMax)
    // In a flush they stay behind everything that it waits for: the next try of each is its last.
    if (!this.#isFlushLeft()) this.#requests.push(...this.#due.splice(0, batchMax))
    return this.#requests[0]
  }

  /** Whether anything that a flush waits for is still in the queue. */
  #isFlushLeft(): boolean {
    const { oldest } = this.#queue
    return this.#flushing > 0 && oldest !== null && oldest <= this.#flushThrough
  }

  #isFlushed(request: Request): boolean {
    return this.#flushing > 0 && request.items.every(({ sequence }) => sequence <= this.#flushThrough)
  }

  #tryLater(request: Request): void {
    if (this.#isFlushed(request)) {
      this.#due.push(request)
      return
    }
    const run = (): void => {
      this.#makeDue(request)
      this.#startNow()
    }
    this.#later.set(request, this.#setTimer(run, retryDelayMs(request.faults, null, this.#settings, this.#settings.random)))
    this.#makeRoom()
  }

  /** The ends kept for later are the oldest that wait, and make room for what is newer. */
  #makeRoom(): void {
    const kept = this.#due.length + this.#later.size
    const tooMany = Math.min(this.#queue.length + kept - this.#settings.waitingMax, kept)
    if (tooMany <= 0) return
    for (const request of [...this.#later.keys()].slice(0, Math.max(0, tooMany - this.#due.length))) this.#makeDue(request)
    this.#due.splice(0, tooMany)
    this.#lose(tooMany, 'queue_full')
  }

  #makeAllDue(): void {
    for (const request of [...this.#later.keys()]) this.#makeDue(request)
  }

  #makeDue(request: Request): void {
    this.#settings.timers.clear(this.#later.get(request))
    this.#later.delete(request)
    this.#due.push(request)
  }

  async #attempt(request: Request): Promise<Outcome> {
    const abort = new AbortController()
    this.#inFlight = abort
    const outcome = await send(this.#settings, request.path, bodyOf(request), abort)
    this.#inFlight = null
    // A request that was given up while in flight has been counted already.
    if (this.#requests[0] === request) {
      const again = retryAgain(request, outcome, this.#settings, this.#tally, this.#isFlushed(request) && !this.#isFlushLeft())
      this.#requests.splice(0, 1, ...again.requests)
      this.#failures = again.isFailure ? this.#failures + 1 : 0
      if (again.later !== undefined) this.#tryLater(again.later)
    }
    return outcome
  }

  #delayAfter(outcome: Outcome): number {
    const afterMs = outcome.kind === 'busy' || outcome.kind === 'fault' ? outcome.afterMs : null
    return retryDelayMs(this.#failures, afterMs, this.#settings, this.#settings.random)
  }

  #schedule(delayMs: number): void {
    if (this.#isRunning || this.#timer !== null) return
    this.#timer = this.#setTimer(() => {
      this.#timer = null
      this.#drain().catch(() => this.#abandonWindow())
    }, delayMs)
  }

  #startNow(): void {
    if (this.#timer !== null) this.#settings.timers.clear(this.#timer)
    this.#timer = null
    this.#schedule(0)
  }

  /** Only a fault of our own gets here. It costs the window in work, never the program. */
  #abandonWindow(): void {
    const left = this.#requests.reduce((sum, request) => sum + request.items.length, 0)
    this.#requests = []
    this.#lose(left, 'fault')
    this.#reportLosses()
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const handle = this.#setTimer(() => this.#wake?.(), delayMs)
      this.#wake = () => {
        this.#wake = null
        this.#settings.timers.clear(handle)
        resolve()
      }
    })
  }

  /** A program that has nothing else to do may end; its exit sends what waits. */
  #setTimer(run: () => void, delayMs: number): unknown {
    const handle = this.#settings.timers.set(run, delayMs)
    if (this.#urgency === 0) (handle as { unref?: () => void } | null)?.unref?.()
    return handle
  }

  /** Inside a window the order is another one, so a window counts as unsettled until all of it is done. */
  #settledThrough(last: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        const { oldest } = this.#queue
        const isLeft = [...this.#later.keys(), ...this.#due].some(({ items }) => items.some((item) => item.sequence <= last))
        if (this.#requests.length > 0 || isLeft || (oldest !== null && oldest <= last)) return
        this.#waiters.delete(check)
        resolve()
      }
      this.#waiters.add(check)
      check()
    })
  }

  #checkWaiters(): void {
    for (const check of [...this.#waiters]) check()
  }

  #lose(count: number, reason: LossReport['reason']): void {
    this.#tally.lost += count
    this.#unreportedLosses += count
    this.#lossReason = reason
  }

  #reportLosses(): void {
    if (this.#unreportedLosses === 0) return
    const lost = this.#unreportedLosses
    this.#unreportedLosses = 0
    this.#settings.onLost({ lost, lostInTotal: this.#tally.lost, reason: this.#lossReason })
  }
}
