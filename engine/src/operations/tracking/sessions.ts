import { endSession, type SessionEnded, type SessionStarted, startSession } from '@purser/contract'
import { assert, formatInstant, ok, type Result } from '../../kernel/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { reportedTime } from '../validation/index.ts'
import { findOrganization } from './organization-of-call.ts'
import { record } from './workflows.ts'

/** A user's session begins. */
export const startSessionOperation = implement(startSession, async ({ services, caller }, input): Promise<Result<SessionStarted>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const now = services.now()
  const time = typeof input.timestamp === 'string' ? reportedTime(input.timestamp, now) : null
  if (time !== null && !time.ok) return time
  const id = input.session_id ?? services.newId()
  const posted = await record(services.committer, caller, organization.value, now, {
    kind: 'session_start',
    session: {
      id,
      at: time === null ? now : time.value,
      atGiven: time !== null,
      agent: caller.agent,
      user: input.user_id ?? null,
      session: null,
      workflow: null,
      team: input.team ?? null,
      project: input.project ?? null,
      costCenter: input.cost_center ?? null,
      action: null,
      tags: input.tags ?? {},
    },
  })
  services.runOrganizations.forget('session', id)
  if (!posted.ok) return posted
  const { event } = posted.value.entry
  assert(event.kind === 'session_start', 'a start is posted as a start')
  return ok({
    session_id: event.session.id,
    organization_id: posted.value.entry.organization,
    user_id: event.session.user,
    started_at: formatInstant(event.session.at),
    replayed: posted.value.replayed,
  })
})

/** A user's session ends. */
export const endSessionOperation = implement(endSession, async ({ services, caller }, input): Promise<Result<SessionEnded>> => {
  const organization = await findOrganization(caller, services.runOrganizations, input)
  if (!organization.ok) return organization
  const now = services.now()
  const time = typeof input.timestamp === 'string' ? reportedTime(input.timestamp, now) : null
  if (time !== null && !time.ok) return time
  const posted = await record(services.committer, caller, organization.value, now, {
    kind: 'session_end',
    session: { id: input.session_id, at: time === null ? now : time.value, atGiven: time !== null },
  })
  if (!posted.ok) return posted
  const { event } = posted.value.entry
  assert(event.kind === 'session_end', 'an end is posted as an end')
  return ok({
    session_id: event.session.id,
    organization_id: posted.value.entry.organization,
    ended_at: formatInstant(event.session.at),
    replayed: posted.value.replayed,
  })
})
