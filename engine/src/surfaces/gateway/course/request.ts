import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Millis } from '../../../kernel/index.ts'
import type { Passage } from '../../../operations/index.ts'
import type { RequestEndpoint } from '../../../usage/index.ts'
import type { Gateway, GatewayAsker } from '../gateway.ts'
import type { Plan } from '../plan.ts'
import type { Telling } from '../reply.ts'
import type { RequestBody } from '../request-body.ts'
import type { Route } from '../route.ts'

/** A route whose calls are metered. */
export type MeteredRoute = Route & { readonly endpoint: RequestEndpoint }

/** A request that can be metered, before anything is held for it. */
export interface MeteredRequest {
  readonly gateway: Gateway
  /** Calls that money is held for. */
  readonly underWay: Set<Passage>
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly asker: GatewayAsker
  readonly route: MeteredRoute
  readonly body: RequestBody
  readonly plan: Plan
  readonly telling: Telling
  readonly startedAt: Millis
}

/** One way in which a request may be answered: as it came, or at another model. */
export interface Attempt {
  readonly route: MeteredRoute
  /** The client's headers, as far as they may go there. */
  readonly asked: IncomingHttpHeaders
  readonly body: RequestBody
  readonly plan: Plan
}
