import type { CallStore } from './calls/index.ts'
import type { PeerNews, Peers } from './ledger/index.ts'

/** What this node keeps in memory and other nodes can make old. */
export interface Followed {
  readonly peers: Peers
  readonly calls: Pick<CallStore, 'notify'>
  readonly keyring: { reload(): Promise<void> }
  readonly rates: { reload(): Promise<void> }
  readonly policies: { reload(): Promise<void> }
  /** The news as they were before all that was read: what others change while they are read is taken up with the first look. */
  readonly since: PeerNews
}

export interface PeersFollowed {
  /** Resolves when this node knows what any node had committed when it was called: its journal's head, keys and rates. Rejects when it cannot. */
  catchUp(): Promise<void>
  /** Seq of the newest entry that this node knows of, whichever node has posted it. */
  head(): number
  stop(): Promise<void>
}

/** Should a notification be lost, the projection follows after this long all the same. */
const LOOK_EVERY_MS = 1_000

/**
 * Keeps this node abreast of the others. Each request asks before it is let in, so that a key revoked elsewhere opens nothing, a rate set elsewhere
 * prices the next call, and an answer has every call that was acknowledged anywhere; those that come together share a question. Between requests the
 * projection follows by notifications.
 */
export async function followPeers({ peers, calls, keyring, rates, policies, since }: Followed): Promise<PeersFollowed> {
  let known = since
  const look = async (): Promise<void> => {
    const news = await peers.news()
    if (news.head > known.head) calls.notify(news.head)
    // What is read after its version was is as new as it or newer; should the reading fail, the next look tries again.
    if (news.keysVersion !== known.keysVersion) await keyring.reload()
    if (news.ratesVersion !== known.ratesVersion) await rates.reload()
    if (news.documentsVersion !== known.documentsVersion) await policies.reload()
    known = { ...news, head: Math.max(news.head, known.head) }
  }
  const catchUp = shared(look)
  let looking: Promise<void> = Promise.resolve()
  let stopped = false
  const lookSoon = (): void => {
    if (!stopped) looking = catchUp().catch(() => undefined)
  }
  calls.notify(known.head)
  await peers.listen(lookSoon)
  const timer = setInterval(lookSoon, LOOK_EVERY_MS)
  timer.unref()
  return {
    catchUp,
    head: () => known.head,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await looking
    },
  }
}

/** Whoever asks while work is under way shares the next one with all who do: each is answered by work that began after they asked. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  const begin = (): Promise<void> => {
    const begun = work().finally(() => {
      if (running === begun) running = null
    })
    running = begun
    return begun
  }
  return () => {
    if (running === null) return begin()
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null
        return begin()
      })
    return next
  }
}
