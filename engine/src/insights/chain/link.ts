import type { CallRow } from '../../calls/index.ts'

/** Calls in the order of time, each with the place of its parent. No parents lead in a circle. */
export interface LinkedCalls {
  readonly calls: readonly CallRow[]
  /** Place of the parent in `calls`, or null for a root. */
  readonly parents: readonly (number | null)[]
  readonly parentMissing: readonly boolean[]
  readonly cycleBroken: readonly boolean[]
}

/** Finds the parent that each call names within its organization. Circles are cut at their earliest call. */
export function linkCalls(rows: readonly CallRow[]): LinkedCalls {
  const calls = [...rows].sort((left, right) => left.at - right.at || left.seq - right.seq)
  const places = new Map<string, number>()
  calls.forEach((call, place) => {
    const key = JSON.stringify([call.organization, call.callId])
    if (!places.has(key)) places.set(key, place)
  })
  const parents = calls.map((call) => {
    if (call.parentCallId === null) return null
    return places.get(JSON.stringify([call.organization, call.parentCallId])) ?? null
  })
  const parentMissing = calls.map((call, place) => call.parentCallId !== null && parents[place] === null)
  return { calls, parents, parentMissing, cycleBroken: cutCycles(parents) }
}

/**
 * Follows each call up to a root or to a call that was already followed. Meeting the walk's own trail is a circle; its earliest
 * call loses its parent. Every call is stepped on once, so the time is linear however the ids are tangled.
 */
function cutCycles(parents: (number | null)[]): boolean[] {
  const cut = parents.map(() => false)
  const walkOf: (number | undefined)[] = parents.map(() => undefined)
  for (let start = 0; start < parents.length; start += 1) {
    let place: number | null = start
    while (place !== null && walkOf[place] === undefined) {
      walkOf[place] = start
      place = parents[place] ?? null
    }
    if (place === null || walkOf[place] !== start) continue
    const earliest = earliestOfCircle(parents, place)
    parents[earliest] = null
    cut[earliest] = true
  }
  return cut
}

function earliestOfCircle(parents: readonly (number | null)[], entry: number): number {
  let earliest = entry
  for (let place = parents[entry] ?? entry; place !== entry; place = parents[place] ?? entry) earliest = Math.min(earliest, place)
  return earliest
}
