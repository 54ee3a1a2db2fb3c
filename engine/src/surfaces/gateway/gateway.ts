import type { Readable } from 'node:stream'
import type { Refusal } from '../../kernel/index.ts'
import type { Caller, ResponseCache, Services, Settled } from '../../operations/index.ts'
import type { ModelLimits } from '../../pricing/index.ts'
import type { Attempts } from './attempts.ts'
import type { Sender } from './forward.ts'
import type { Upstream } from './upstreams.ts'
import type { UsageOption } from './usage-option.ts'

/** How the gateway holds. */
export interface HoldPolicy {
  /** `bound`: the most that the bytes of a request can be billed as input. `estimate`: about what they are; what is above it is an overrun. */
  readonly input: 'bound' | 'estimate'
  /** The output held at first for a stream that states no limit, which grows with it; null: the most that its model writes. Tokens. */
  readonly firstOutputTokens: number | null
}

/** What every call goes through. */
export interface Gateway {
  readonly services: Services
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly sender: Sender
  readonly attempts: Attempts
  readonly usageOption: UsageOption
  readonly limitsOf: (model: string) => ModelLimits
  readonly hold: HoldPolicy
  /** Answers that are kept, where policies say so. */
  readonly cache: ResponseCache
  readonly onFault: (error: unknown, requestId: string) => void
}

/** What was spent and could not be posted is no silent gap: the operator is told, with the id of the request. */
export function tellOfLoss({ onFault }: Pick<Gateway, 'onFault'>, requestId: string, { refused, later }: Settled): void {
  const tell = (why: Refusal | null): void => {
    if (why !== null) onFault(new Error(`a call that was made could not be posted: ${why.code}: ${why.detail}`), requestId)
  }
  if (later === null) tell(refused)
  else later.then(tell, (error) => onFault(error, requestId))
}

/** Who asks, after the door has let them in. */
export interface GatewayAsker {
  readonly caller: Caller
  readonly requestId: string
  /** The bytes of the request, where they are not read from the connection: of a signed request they have been checked. */
  readonly payload: Readable
}
