import { compareAll } from './compare.ts'
import { cacheDocument } from './document.ts'
import { mooncakeTrace } from './mooncake.ts'

/** What the cache analysis says of a longer lifetime, against a simulation that knows every block. Null where the trace is absent. */
export function backtestCache(say: (line: string) => void): string | null {
  const trace = mooncakeTrace()
  if (trace === null) return null
  const comparisons = compareAll(trace)
  for (const { what, requests } of comparisons) say(`${what}: ${requests} requests`)
  return cacheDocument(comparisons)
}
