import type { Clock, Millis } from '../../../kernel/index.ts'

/** Something that is not ours and that the operator wants to see beside us: a provider's API, a proxy, the sandbox that agents run code in. */
export interface ProbeTarget {
  readonly group: 'upstreams' | 'sandbox'
  readonly name: string
  readonly url: string
}

export interface Probed {
  readonly status: 'UP' | 'DOWN'
  readonly details: Readonly<Record<string, unknown>>
}

export interface HealthProbe extends Pick<ProbeTarget, 'group' | 'name'> {
  /** How it was when it was last asked, which is not long ago. Never rejects. */
  ask(): Promise<Probed>
}

/** The status of the answer that an address gives; rejects where it gives none. */
export type Reach = (url: string) => Promise<number>

/** However often we are asked, it is asked no oftener: health needs no key, and must not become a way to bother others. */
const KEPT_MS = 15_000

/** Any answer that is no fault of the server's shows that it is there, also one that wants a key. */
export function probeOf({ group, name, url }: ProbeTarget, reach: Reach, now: Clock): HealthProbe {
  let last: { readonly at: Millis; readonly probed: Promise<Probed> } | null = null
  return {
    group,
    name,
    ask() {
      const at = now()
      if (last === null || at - last.at >= KEPT_MS || at < last.at) last = { at, probed: probe(reach, url) }
      return last.probed
    },
  }
}

async function probe(reach: Reach, url: string): Promise<Probed> {
  try {
    const status = await reach(url)
    return status < 500 ? { status: 'UP', details: { http_status: status } } : { status: 'DOWN', details: { http_status: status } }
  } catch (error) {
    return { status: 'DOWN', details: { error: error instanceof Error ? wordsOf(error) : 'not reached' } }
  }
}

/** The code of the system where there is one: messages may repeat an address with what is secret in it. */
function wordsOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return code ?? error.name
}
