import type { BackTest } from '../back-test.ts'
import { compareAll } from './compare.ts'
import { cacheDocument } from './document.ts'
import { mooncakeTrace } from './mooncake.ts'

/** What the cache analysis says of a longer lifetime, against a simulation that knows every block. */
export const cacheBackTest: BackTest = {
  name: 'cache',
  document: 'docs/cache.md',
  async run(say) {
    const trace = mooncakeTrace()
    if (trace === null) return null
    const comparisons = compareAll(trace)
    for (const { what, requests } of comparisons) say(`${what}: ${requests} requests`)
    return cacheDocument(comparisons)
  },
}
