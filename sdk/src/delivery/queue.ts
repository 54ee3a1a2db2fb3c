/** What waits to be sent: the body as text, taken when it was reported, so that what the caller does to its objects later does not matter. */
export interface Item {
  readonly kind: 'call' | 'workflow_start' | 'workflow_end' | 'session_start' | 'session_end'
  readonly path: string
  readonly json: string
  /** Runs and sessions that the item names: what its order depends on. */
  readonly scopes: readonly string[]
  readonly sequence: number
}

/** First in, first out, bounded: when full, the oldest makes room for the newest. */
export interface WaitingQueue {
  readonly length: number
  /** Sequence number of the oldest waiting item; null when empty. */
  readonly oldest: number | null
  /** Adds an item and returns the one that had to go, if any. */
  push(item: Item): Item | null
  peek(index: number): Item | undefined
  take(count: number): Item[]
}

export function createWaitingQueue(waitingMax: number): WaitingQueue {
  let items: Item[] = []
  let head = 0
  const shift = (count: number): Item[] => {
    const taken = items.slice(head, head + count)
    head += taken.length
    // The space of taken items is given back in large steps: moving the rest on each take would cost time in proportion to the queue.
    if (head > 1024 && head * 2 > items.length) {
      items = items.slice(head)
      head = 0
    }
    return taken
  }
  return {
    get length() {
      return items.length - head
    },
    get oldest() {
      return items[head]?.sequence ?? null
    },
    push(item) {
      items.push(item)
      return items.length - head > waitingMax ? (shift(1)[0] ?? null) : null
    },
    peek: (index) => items[head + index],
    take: shift,
  }
}
