import { type Channel, EVENT_TYPES, EVERY_EVENT } from '../../alerts/index.ts'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { Services } from '../context.ts'

/** The events as asked for, each known and once; all when none are named. */
export function eventsOf(asked: readonly string[] | null): Result<readonly string[]> {
  if (asked === null) return ok([EVERY_EVENT])
  const known: readonly string[] = [...EVENT_TYPES, EVERY_EVENT]
  const wrong = asked.findIndex((event) => !known.includes(event))
  if (wrong === -1) return ok([...new Set(asked)])
  return fail(refusal('invalid_field', `"${asked[wrong]}" is not an event; they are ${known.join(', ')}`, { path: `/events/${wrong}` }))
}

/** Refuses a target that nothing may be sent to. Where its name leads is looked at with every connection, not here. */
export function allowedTarget(services: Pick<Services, 'outgoing'>, channel: Channel, url: string): Result<string> {
  const obstacle = services.outgoing.obstacle(channel, url)
  return obstacle === null ? ok(url) : fail(refusal('invalid_field', `nothing can be sent to this url: ${obstacle}`, { path: '/url' }))
}
