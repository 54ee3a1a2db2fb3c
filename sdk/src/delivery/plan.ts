import type { Item, WaitingQueue } from './queue.ts'

/** One HTTP request: a batch of calls, or one start or end. */
export interface Request {
  readonly path: string
  items: Item[]
  readonly batch: boolean
  /** Failures that the server answered itself; a server that cannot be reached does not count. */
  faults: number
}

export const BATCH_PATH = '/v1/finops/calls/batch'
const BATCH_CHARS_MAX = 1_000_000

/**
 * Takes the next window of the queue and orders it as starts, one batch of calls, ends. Inside a window every start still precedes the calls
 * of its run and every end follows them; the window closes before an item that names a run or session already ended in it. So interleaved
 * workflows share one batch and nothing is reported out of its order.
 */
export function nextRequests(queue: WaitingQueue, batchMax: number): Request[] {
  const starts: Item[] = []
  const calls: Item[] = []
  const ends: Item[] = []
  const ended = new Set<string>()
  let chars = 0
  let count = 0
  for (let item = queue.peek(count); item !== undefined && count < batchMax; item = queue.peek(count)) {
    const isEnd = item.kind === 'workflow_end' || item.kind === 'session_end'
    if (!isEnd && item.scopes.some((scope) => ended.has(scope))) break
    if (item.kind === 'call' && calls.length > 0 && chars + item.json.length > BATCH_CHARS_MAX) break
    if (isEnd) {
      ends.push(item)
      for (const scope of item.scopes) ended.add(scope)
    } else if (item.kind === 'call') {
      calls.push(item)
      chars += item.json.length
    } else starts.push(item)
    count += 1
  }
  queue.take(count)
  const single = (item: Item): Request => ({ path: item.path, items: [item], batch: false, faults: 0 })
  const batch: Request[] = calls.length === 0 ? [] : [{ path: BATCH_PATH, items: calls, batch: true, faults: 0 }]
  return [...starts.map(single), ...batch, ...ends.map(single)]
}

export function bodyOf(request: Request): string {
  return request.batch ? `{"calls":[${request.items.map((item) => item.json).join(',')}]}` : (request.items[0]?.json ?? '{}')
}

/** The same calls in two requests, for a server that found one too large. */
export function halved(request: Request): [Request, Request] {
  const middle = Math.ceil(request.items.length / 2)
  const part = (items: Item[]): Request => ({ path: request.path, items, batch: true, faults: 0 })
  return [part(request.items.slice(0, middle)), part(request.items.slice(middle))]
}
