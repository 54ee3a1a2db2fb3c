import { describe, expect, it } from 'vitest'
import { AUDIT_START, chainAudit, checkAudit } from './audit.ts'
import type { AuditDraft, AuditEntry } from './audit-records.ts'

const draft = (at: number): AuditDraft => ({
  at,
  organization: at % 2 === 0 ? null : 'org',
  actor: 'local',
  action: 'key.create',
  target: `k${at}`,
  before: null,
  after: '{}',
})

const trail: AuditEntry[] = []
for (let at = 1; at <= 5; at++) trail.push(chainAudit(trail.at(-1) ?? null, draft(at)))

const changed = (at: number, change: Partial<AuditEntry>): AuditEntry[] =>
  trail.map((entry, index) => (index === at ? { ...entry, ...change } : entry))

describe('audit trail', () => {
  it('is whole when nothing was touched, in one piece or in several', () => {
    expect(checkAudit(AUDIT_START, trail)).toEqual({ seq: 5, hash: trail[4]?.hash, broken: null })
    expect(checkAudit(checkAudit(AUDIT_START, trail.slice(0, 2)), trail.slice(2)).broken).toBeNull()
  })

  it.each([
    ['a changed value', changed(2, { after: '{"limit":1}' }), { seq: 3, why: 'content' }],
    ['a changed time', changed(0, { at: 9 }), { seq: 1, why: 'content' }],
    ['a changed organization', changed(1, { organization: 'org' }), { seq: 2, why: 'content' }],
    ['an entry left out', trail.filter((_, at) => at !== 2), { seq: 3, why: 'gap' }],
    ['two entries swapped', [trail[1], trail[0]].filter((entry) => entry !== undefined), { seq: 1, why: 'gap' }],
    [
      'an entry made anew over a changed one',
      [...trail.slice(0, 2), chainAudit(trail[1] ?? null, draft(9)), ...trail.slice(3)],
      { seq: 4, why: 'link' },
    ],
  ])('shows %s', (_, entries, broken) => {
    expect(checkAudit(AUDIT_START, entries).broken).toEqual(broken)
  })

  it('keeps saying so', () => {
    const broken = checkAudit(AUDIT_START, changed(0, { actor: 'x' }))
    expect(checkAudit(broken, trail)).toEqual(broken)
  })
})
