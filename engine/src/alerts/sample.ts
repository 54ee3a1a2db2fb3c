import { picos } from '../kernel/index.ts'
import type { AuditDraft, JournalEntry } from '../ledger/index.ts'
import type { Alert, Webhook } from './records.ts'

/** Plain records for tests: say what matters, the rest is the same each time. */
export const SAMPLE_NOW = 1_767_225_600_000

/** The bytes of `purser` and zeros, in the form of Standard Webhooks. */
const SAMPLE_SECRET = `whsec_${Buffer.from('purser'.padEnd(32, '0')).toString('base64')}`

export function sampleWebhook(webhook: Partial<Webhook> & { readonly id: string }): Webhook {
  return {
    organization: 'org',
    channel: 'webhook',
    url: 'https://example.com/hook',
    agent: null,
    events: ['*'],
    thresholdPct: null,
    secret: SAMPLE_SECRET,
    previous: null,
    createdAt: SAMPLE_NOW,
    updatedAt: SAMPLE_NOW,
    disabled: null,
    failingSince: null,
    givenUp: 0,
    ...webhook,
  }
}

export function sampleAlert(alert: Partial<Alert> & { readonly id: string }): Alert {
  return {
    organization: 'org',
    type: 'budget.threshold',
    at: SAMPLE_NOW,
    agent: 'researcher',
    thresholdPct: 75,
    watched: false,
    title: 'Agent researcher has spent 75 % of its budget per day',
    text: '$7.5 of $10 spent, $2.5 left.',
    facts: { agent_id: 'researcher', threshold_pct: 75, spent_pct: 75, remaining_usd: '2.5' },
    ...alert,
  }
}

export type SampleCrossing = Partial<Omit<NonNullable<JournalEntry['crossed']>[number], 'rule'>> & {
  readonly dimension?: 'agent' | 'team' | 'organization'
  readonly watched?: boolean
}

/** An entry that reached thresholds: a budget is removed in it, which is the least that an entry can say. */
export function sampleEntry(seq: number, crossings: readonly SampleCrossing[] = [], organization = 'org'): JournalEntry {
  const crossed = crossings.map(({ dimension = 'agent', watched = false, ...crossing }) => ({
    budget: 'b',
    value: 'researcher',
    periodStart: SAMPLE_NOW,
    threshold: 75,
    level: picos(7_500_000_000_000n),
    spent: picos(7_640_000_000_000n),
    limit: picos(10_000_000_000_000n),
    ...crossing,
    rule: {
      name: null,
      dimension,
      period: { unit: 'day' as const },
      zone: 'UTC',
      mode: 'hard' as const,
      resetsAt: SAMPLE_NOW + 86_400_000,
      watched,
    },
  }))
  return {
    seq,
    organization,
    recordedAt: SAMPLE_NOW,
    event: { kind: 'budget_remove', removal: { id: `b${seq}`, at: SAMPLE_NOW } },
    transfers: [],
    ...(crossed.length === 0 ? {} : { crossed }),
  }
}

export function sampleAudit(target: string): AuditDraft {
  return { at: SAMPLE_NOW, organization: 'org', actor: 'test', action: 'register_webhook', target, before: null, after: '{}' }
}
