import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Caller, type Keyring, LOCAL_CALLER } from '../../operations/index.ts'

export interface AccessRules {
  readonly auth: 'local' | 'required'
  readonly keyring: Keyring
  readonly now: Clock
}

/**
 * Lets a request in, or says why not. Local mode needs no key until one has been made, and therefore answers only to loopback names (a
 * foreign name that resolves to this machine is DNS rebinding) and never to a page of another origin.
 */
export function admit(rules: AccessRules, method: string, headers: IncomingHttpHeaders): Result<Caller> {
  if (isOpen(rules)) {
    const guarded = guardLocal(method, headers)
    return guarded.ok ? ok(LOCAL_CALLER) : guarded
  }
  const secret = secretOf(headers)
  if (secret === null) return fail(refusal('unauthenticated', 'this server needs a key: Authorization: Bearer finops_…, or x-api-key'))
  const caller = rules.keyring.callerOf(secret, rules.now())
  return caller === null ? fail(refusal('unauthenticated', 'the key is not known, has expired or was revoked')) : ok(caller)
}

/** The check for pages and health, which need no key but are no door for other sites either. */
export function guardOpen(rules: AccessRules, method: string, headers: IncomingHttpHeaders): Result<null> {
  return isOpen(rules) ? guardLocal(method, headers) : ok(null)
}

function isOpen(rules: AccessRules): boolean {
  return rules.auth === 'local' && rules.keyring.isEmpty()
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

function guardLocal(method: string, headers: IncomingHttpHeaders): Result<null> {
  const host = headers.host ?? ''
  if (!LOOPBACK_HOST.test(host)) {
    return fail(refusal('host_not_allowed', `without keys this server answers to localhost only, not to "${host.slice(0, 100)}"`))
  }
  const { origin } = headers
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return fail(refusal('forbidden', 'a page of another site may not use this server; make a key to allow it'))
  }
  const navigates = method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
  if (headers['sec-fetch-site'] === 'cross-site' && !navigates) {
    return fail(refusal('forbidden', 'a page of another site may not use this server; make a key to allow it'))
  }
  return ok(null)
}

const BEARER = /^bearer +(\S+) *$/i

function secretOf(headers: IncomingHttpHeaders): string | null {
  const bearer = headers.authorization === undefined ? null : BEARER.exec(headers.authorization)
  if (bearer !== null) return bearer[1] ?? null
  const key = headers['x-api-key']
  return typeof key === 'string' && key !== '' ? key : null
}
