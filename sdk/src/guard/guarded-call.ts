import { AsyncLocalStorage } from 'node:async_hooks'

/** A call that was authorized and is being made. The first call that is observed inside is that call. */
export interface GuardedCall {
  readonly id: string
  isReported: boolean
}

const guarded = new AsyncLocalStorage<GuardedCall>()

export function insideGuard<T>(call: GuardedCall, fn: () => T): T {
  return guarded.run(call, fn)
}

/** The id that an observed call is reported under, if it is the guarded one; each guard gives it once. */
export function takeGuardedCall(): string | undefined {
  const call = guarded.getStore()
  if (call === undefined || call.isReported) return undefined
  call.isReported = true
  return call.id
}
