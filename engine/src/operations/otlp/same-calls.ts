/** One description of a call of a coding agent, to be matched with one by another signal. */
export interface Described {
  readonly id: string
  readonly signal: 'span' | 'event'
  readonly startUs: number
  readonly endUs: number
}

/**
 * Coding agents tell a request by a span and by an event that share no id. One of each, with the same counters in the same time, of the same service, is
 * one call. Each is matched once, so that two calls alike stay two.
 */
export interface SameCalls {
  /** The id of the call that this is another description of; null: it is the first. */
  match(key: string, described: Described): string | null
  forget(): void
}

const KEPT_MAX = 50_000
/** Spans and events are stamped at slightly different moments. */
const SLACK_US = 2_000_000

export function sameCalls(): SameCalls {
  const open = new Map<string, Described[]>()
  // Both of a pair that was matched, and the id of the call that they are.
  const matched = new Map<string, string>()
  return {
    match(key, described) {
      const before = matched.get(`${key}\n${described.id}`)
      if (before !== undefined) return before === described.id ? null : before
      const list = open.get(key) ?? []
      // Told again by the same signal: it is what it was.
      if (list.some(({ id }) => id === described.id)) return null
      const at = list.findIndex((other) => other.signal !== described.signal && overlap(other, described))
      const [found] = at < 0 ? [] : list.splice(at, 1)
      if (found === undefined) list.push(described)
      else {
        keepAtMost(matched, `${key}\n${found.id}`, found.id)
        keepAtMost(matched, `${key}\n${described.id}`, found.id)
      }
      open.delete(key)
      if (list.length > 0) keepAtMost(open, key, list)
      return found?.id ?? null
    },
    forget: () => open.clear(),
  }
}

function keepAtMost<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  if (map.size > KEPT_MAX) map.delete(map.keys().next().value ?? '')
}

function overlap(one: Described, other: Described): boolean {
  return one.startUs <= other.endUs + SLACK_US && other.startUs <= one.endUs + SLACK_US
}
