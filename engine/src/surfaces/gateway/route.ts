import { endpointOfPath, type RequestEndpoint } from '../../usage/index.ts'
import type { Upstream } from './upstreams.ts'

/** Where a request goes. */
export interface Route {
  readonly upstream: Upstream
  readonly origin: string
  /** Path and query at the provider. */
  readonly path: string
  /** The same, with the origin: what the bill says of where it went. */
  readonly url: string
  /** Null: passed on, and metered only if its answer holds usage. */
  readonly endpoint: RequestEndpoint | null
}

/** The route of a path of ours, `/openai/v1/…`; null where its first part is no upstream. */
export function routeOf(upstreams: ReadonlyMap<string, Upstream>, method: string, url: string): Route | null {
  const [, name = '', rest = ''] = /^\/([^/?]+)(.*)$/.exec(url) ?? []
  const upstream = upstreams.get(name)
  return upstream === undefined ? null : routeTo(upstream, method, rest)
}

/** The route of the rest of a path at an upstream. */
function routeTo(upstream: Upstream, method: string, rest: string): Route {
  const { origin, pathname } = new URL(upstream.url)
  const base = pathname.replace(/\/+$/, '')
  // An address that already ends with the version is as common as one that does not.
  const version = /\/(v\d+(?:beta\d*)?)$/.exec(base)?.[1]
  const doubled = version !== undefined && rest.startsWith(`/${version}/`)
  const path = `${base}${doubled ? rest.slice(version.length + 1) : rest}`
  const [bare = ''] = path.split('?', 1)
  return {
    upstream,
    origin,
    path: path === '' ? '/' : path,
    url: `${origin}${path}`,
    endpoint: method === 'POST' ? endpointOfPath(decoded(bare)) : null,
  }
}

/** Clients write a colon as it is or percent-encoded. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
