import { expect, it } from 'vitest'
import { followPeers } from './follow-peers.ts'
import type { PeerNews } from './ledger/index.ts'

/** Counts what is read again, over news that a test changes. */
function node(news: PeerNews) {
  const seen = { keys: 0, rates: 0, policies: 0, notified: [] as number[] }
  let now = news
  return {
    seen,
    becomes: (next: PeerNews) => {
      now = next
    },
    follow: (since: PeerNews) =>
      followPeers({
        peers: { news: async () => now, listen: async () => {} },
        calls: { notify: (seq) => void seen.notified.push(seq) },
        keyring: { reload: async () => void seen.keys++ },
        rates: { reload: async () => void seen.rates++ },
        policies: { reload: async () => void seen.policies++ },
        since,
      }),
  }
}

const BEFORE: PeerNews = { head: 3, keysVersion: 'k1', ratesVersion: 'r1', documentsVersion: 'd1' }

it('takes up keys, rates and policies that another node changed while this one was reading them', async () => {
  for (const [changed, read] of [
    [
      { ...BEFORE, keysVersion: 'k2' },
      { keys: 1, rates: 0, policies: 0 },
    ],
    [
      { ...BEFORE, ratesVersion: 'r2' },
      { keys: 0, rates: 1, policies: 0 },
    ],
    [
      { ...BEFORE, documentsVersion: 'd2' },
      { keys: 0, rates: 0, policies: 1 },
    ],
    [BEFORE, { keys: 0, rates: 0, policies: 0 }],
  ] as const) {
    const { follow, seen } = node(changed)
    const peers = await follow(BEFORE)
    await peers.catchUp()
    await peers.catchUp()
    await peers.stop()
    expect(seen).toMatchObject(read)
  }
})

it('knows the head that any node has committed, and never an older one', async () => {
  const { follow, becomes, seen } = node({ ...BEFORE, head: 7 })
  const peers = await follow(BEFORE)
  await peers.catchUp()
  expect(peers.head()).toBe(7)
  becomes({ ...BEFORE, head: 5 })
  await peers.catchUp()
  expect(peers.head()).toBe(7)
  expect(seen.notified).toEqual([3, 7])
  await peers.stop()
})
