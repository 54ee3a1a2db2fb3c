import type { GatewayPolicyAnswer } from '@purser/contract'
import { globsMeet, matchesGlob } from './glob.ts'

/** A policy as it is kept, with what was left out. */
export type GatewayPolicy = Omit<GatewayPolicyAnswer, 'organization_id'>
export type CachePolicy = NonNullable<GatewayPolicy['cache']>
export type OnError = NonNullable<GatewayPolicy['routing']['on_error']>
export type Cheapest = NonNullable<GatewayPolicy['routing']['cheapest']>
/** A model in place of the one that was asked for; null: at the same upstream. */
export type RouteTarget = OnError['routes'][number]

/** What policies look at in a call: as its request and its key say it. Null: not said. */
export interface CallAspects {
  readonly key: string | null
  readonly upstream: string
  readonly endpoint: string | null
  readonly model: string | null
  readonly agent: string | null
  readonly team: string | null
}

/** Whether a policy is for a call: everything that it states must hold. What a call does not say is none of the values stated. */
export function isFor({ enabled, match }: GatewayPolicy, call: CallAspects): boolean {
  return (
    enabled &&
    isIn(match.keys, call.key) &&
    isIn(match.upstreams, call.upstream) &&
    isIn(match.endpoints, call.endpoint) &&
    isIn(match.agents, call.agent) &&
    isIn(match.teams, call.team) &&
    (match.models === null || (call.model !== null && match.models.some((glob) => matchesGlob(glob, call.model ?? ''))))
  )
}

/** Whether some call could match both. */
export function canMeet(one: GatewayPolicy, other: GatewayPolicy): boolean {
  const [left, right] = [one.match, other.match]
  return (
    one.enabled &&
    other.enabled &&
    share(left.keys, right.keys) &&
    share(left.upstreams, right.upstreams) &&
    share(left.endpoints, right.endpoints) &&
    share(left.agents, right.agents) &&
    share(left.teams, right.teams) &&
    (left.models === null || right.models === null || left.models.some((glob) => right.models?.some((their) => globsMeet(glob, their))))
  )
}

function isIn(stated: readonly string[] | null, value: string | null): boolean {
  return stated === null || (value !== null && stated.includes(value))
}

function share(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one === null || other === null || one.some((value) => other.includes(value))
}
