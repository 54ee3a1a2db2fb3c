import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Clock, fail, ok, type Result, refusal } from '../../kernel/index.ts'
import { type Caller, type Keyring, type KeyUses, LOCAL_CALLER, SCRAPER, type SeenNonces } from '../../operations/index.ts'
import { admitSigned } from './signature/admit-signed.ts'
import type { ContentDigest } from './signature/content-digest.ts'

export interface AccessRules {
  readonly auth: 'local' | 'required'
  readonly keyring: Keyring
  readonly keyUses: KeyUses
  readonly nonces: SeenNonces
  readonly now: Clock
  /** What a scraper of metrics sends; null, or `open`: there is none. */
  readonly metricsKey: string | null
}

/** Who asks, and what the body must be where the request is signed. */
export interface Admission {
  readonly caller: Caller
  readonly digest: ContentDigest | null
}

/**
 * Lets a request in, or says why not: by the secret of a key, else by a signature. A promise only where something must be waited for: another
 * process may have changed a key, or the request is signed.
 */
export function admit(rules: AccessRules, request: IncomingMessage): Result<Admission> | Promise<Result<Admission>> {
  const fresh = rules.keyring.refresh()
  if (fresh === null) return admitNow(rules, request)
  return fresh.then(
    () => admitNow(rules, request),
    () => fail(refusal('unavailable', 'the keys cannot be read at the moment')),
  )
}

/**
 * Local mode needs no key until one has been made, and therefore answers only to loopback names (a foreign name that resolves to this machine
 * is DNS rebinding) and never to a page of another origin.
 */
function admitNow(rules: AccessRules, request: IncomingMessage): Result<Admission> | Promise<Result<Admission>> {
  const { headers } = request
  if (isOpen(rules)) {
    const guarded = guardLocal(request.method ?? '', headers)
    if (!guarded.ok) return guarded
    const caller = callerInSandbox(rules, headers)
    return caller.ok ? ok({ caller: caller.value, digest: null }) : caller
  }
  const secret = secretOf(rules, headers)
  if (secret === null && headers['signature-input'] !== undefined) {
    return admitSigned(request, rules).then((admitted) => {
      if (admitted.ok) noteUse(rules, admitted.value.caller)
      return admitted
    })
  }
  const caller = callerOf(rules, secret)
  return caller.ok ? ok({ caller: caller.value, digest: null }) : caller
}

/** The caller behind a secret in the headers, for doors that need none and show more to whoever sends one; null for everybody else. */
export function knownCaller(rules: AccessRules, headers: IncomingHttpHeaders): Caller | null {
  const caller = isOpen(rules) ? callerInSandbox(rules, headers) : callerOf(rules, secretOf(rules, headers))
  return caller.ok ? caller.value : null
}

/**
 * Where no key is needed one that is sent still counts: the agent it is bound to may do what it may do and no more, and one that was ended opens
 * nothing. What is no key of ours is nothing.
 */
function callerInSandbox(rules: AccessRules, headers: IncomingHttpHeaders): Result<Caller> {
  const secret = secretOf(rules, headers)
  return secret !== null && rules.keyring.isSecret(secret) ? callerOf(rules, secret) : ok(LOCAL_CALLER)
}

function callerOf(rules: AccessRules, secret: string | null): Result<Caller> {
  if (secret === null) {
    return fail(refusal('unauthenticated', 'this server needs a key: Authorization: Bearer finops_…, or x-api-key, or a signed request'))
  }
  if (isMetricsKey(rules, secret)) return ok(SCRAPER)
  const caller = rules.keyring.callerOf(secret, rules.now())
  if (caller === null) return fail(refusal('unauthenticated', 'the key is not known, has expired or was revoked'))
  noteUse(rules, caller)
  return ok(caller)
}

/** Compared by digests, in a time that tells nothing of how much of it was right. */
function isMetricsKey({ metricsKey }: AccessRules, secret: string): boolean {
  return metricsKey !== null && metricsKey !== 'open' && timingSafeEqual(digestOf(metricsKey), digestOf(secret))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function noteUse({ keyUses, now }: AccessRules, { keyId }: Caller): void {
  if (keyId !== null) keyUses.note(keyId, now())
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

/**
 * The key that a request carries, wherever clients of providers put theirs. A request that is passed on may carry two: the one that is ours counts, and where
 * none is, the first.
 */
function secretOf({ keyring }: AccessRules, headers: IncomingHttpHeaders): string | null {
  const bearer = headers.authorization === undefined ? null : BEARER.exec(headers.authorization)
  const sent = [headers['x-purser-key'], bearer?.[1], headers['x-api-key'], headers['api-key'], headers['x-goog-api-key']]
  const secrets = sent.filter((secret): secret is string => typeof secret === 'string' && secret !== '')
  if (secrets.length < 2) return secrets[0] ?? null
  return secrets.find((secret) => keyring.isSecret(secret)) ?? secrets[0] ?? null
}
