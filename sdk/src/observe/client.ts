import { type Facts, objectOf } from '../redact.ts'
import { observeResult, type Shape } from './call.ts'
import { beginObservation, type ObserveOptions, quietly, type Watched } from './observation.ts'
import { sellerOfClient } from './seller.ts'

/** A method to observe: where it is in the client, and how its answers are read. */
export interface Target {
  readonly path: readonly string[]
  readonly shape: (request: Facts) => Shape
  /** The request to send in place of the caller's; the same object when nothing is to be added. */
  readonly prepare?: (request: Facts) => Facts
}

/**
 * A client of the same class whose methods are observed. Both SDKs make one with `withOptions`, sharing connection and credentials, so
 * the client given stays as it was. A client without it is observed in place.
 */
export function observeClient<T extends object>(client: T, source: string, targets: readonly Target[], options: ObserveOptions): T {
  const copy = quietly(() => (client as { withOptions?: (own: object) => unknown }).withOptions?.({}))
  const observed = (objectOf(copy) ?? client) as T
  const watched = { source, provider: sellerOfClient(observed) }
  for (const target of targets) quietly(() => replaceMethod(observed, target, options, watched))
  return observed
}

function replaceMethod(client: object, target: Target, options: ObserveOptions, watched: Omit<Watched, 'request'>): void {
  const resource = target.path.slice(0, -1).reduce<Facts | null>((at, key) => objectOf(at?.[key]), client as Facts)
  const name = target.path.at(-1) ?? ''
  const original = resource?.[name]
  if (resource === null || typeof original !== 'function') return
  const method = function (this: unknown, ...args: unknown[]): unknown {
    const prepared = quietly(() => prepare(args, target, options, watched))
    if (prepared === undefined) return original.apply(this, args)
    let result: unknown
    try {
      result = original.apply(this, prepared.args)
    } catch (error) {
      quietly(() => prepared.observation.fail(error))
      throw error
    }
    return observeResult(result, prepared.observation, prepared.shape)
  }
  Object.defineProperty(resource, name, { value: method, writable: true, configurable: true, enumerable: false })
}

function prepare(args: readonly unknown[], target: Target, options: ObserveOptions, watched: Omit<Watched, 'request'>) {
  const request = objectOf(args[0]) ?? {}
  const sent = target.prepare?.(request) ?? request
  return {
    args: sent === request ? args : [sent, ...args.slice(1)],
    shape: target.shape(request),
    observation: beginObservation(options, { ...watched, request }),
  }
}
