import type { Millis } from '../../kernel/index.ts'
import type { Services } from '../context.ts'
import type { CallDraft } from './records.ts'

export const METRIC_SOURCE = 'otlp:metrics:'

/** A call that was made of what counters grew by in a stretch of time. */
export interface Stretch {
  readonly id: string
  readonly organization: string
  readonly service: string | null
  readonly session: string | null
  readonly from: Millis
  readonly to: Millis
}

/** Who tells what: counters stand only for calls that nobody tells one by one. */
export interface Claims {
  /** Whether calls of that service (and session) were told by spans or events in that time. */
  isTold(stretch: Stretch): Promise<boolean>
  /** What counters stand for in the time of a call. */
  overlapping(draft: CallDraft): Promise<readonly Stretch[]>
  add(stretch: Stretch): void
  forget(stretch: Stretch): void
}

/** A call is counted when it ends, and its time is that of its start. */
const LONGEST_CALL_MS = 600_000
const LOADED_DAYS_MS = 7 * 86_400_000
const LOADED_MAX = 10_000
const SERVICES_MAX = 10_000

export function claimsOf(services: Pick<Services, 'calls' | 'committer' | 'now'>): Claims {
  const open = new Map<string, Stretch[]>()
  let loading: Promise<void> | null = null
  const add = (stretch: Stretch): void => {
    const key = keyOf(stretch.organization, stretch.service)
    const list = open.get(key) ?? []
    if (list.some(({ id }) => id === stretch.id)) return
    open.set(key, [...list, stretch])
    if (open.size > SERVICES_MAX) open.delete(open.keys().next().value ?? '')
  }
  return {
    isTold: (stretch) => isTold(services, stretch),
    async overlapping({ organization, call }) {
      loading ??= load(services, add)
      await loading
      if (open.size === 0) return NONE
      const list = open.get(keyOf(organization, call.tags.service ?? null)) ?? NONE
      return list.filter(({ session, from, to }) => {
        return (session === null || session === call.session) && call.at >= from - LONGEST_CALL_MS && call.at <= to
      })
    },
    add,
    forget({ organization, service, id }) {
      const key = keyOf(organization, service)
      const left = (open.get(key) ?? []).filter((stretch) => stretch.id !== id)
      if (left.length === 0) open.delete(key)
      else open.set(key, left)
    },
  }
}

const NONE: readonly Stretch[] = []

function keyOf(organization: string, service: string | null): string {
  return JSON.stringify([organization, service])
}

async function isTold({ calls, committer }: Pick<Services, 'calls' | 'committer'>, stretch: Stretch): Promise<boolean> {
  const rows = await calls.aggregate({
    scope: { organization: stretch.organization },
    where: [
      { dimension: 'tag:service', in: [stretch.service] },
      ...(stretch.session === null ? [] : [{ dimension: 'session' as const, in: [stretch.session] }]),
    ],
    from: stretch.from - LONGEST_CALL_MS,
    to: stretch.to + 1,
    groupBy: ['source'],
    atLeast: committer.head(),
  })
  return rows.some(({ keys: [source] }) => source?.startsWith('otlp:') === true && !source.startsWith(METRIC_SOURCE))
}

/** What counters stood for before this process began. */
async function load(
  { calls, committer, now }: Pick<Services, 'calls' | 'committer' | 'now'>,
  add: (stretch: Stretch) => void,
): Promise<void> {
  const rows = await calls.rows({
    scope: { allOrganizations: true },
    where: [{ dimension: 'source', in: ['genai', 'claude-code', 'gemini-cli', 'codex'].map((dialect) => `${METRIC_SOURCE}${dialect}`) }],
    from: now() - LOADED_DAYS_MS,
    atLeast: committer.head(),
    limit: LOADED_MAX,
  })
  for (const row of rows) {
    const [, , from] = row.callId.split('-')
    if (row.calls === 0 || from === undefined || !/^\d+$/.test(from)) continue
    const { organization, callId: id, sessionId: session, at: to } = row
    add({ id, organization, service: row.tags.service ?? null, session, from: Number(BigInt(from) / 1_000_000n), to })
  }
}
