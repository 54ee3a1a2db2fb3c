import { isObject, type JsonObject } from './json.ts'

const DEPTH_MAX = 12

/** Which cache lifetimes a request asks for (`cache_control: {type: "ephemeral", ttl?: "5m" | "1h"}`; Converse: `cachePoint.ttl`). */
export function requestedTtls(request: JsonObject | undefined): { has5m: boolean; has1h: boolean } {
  const found = { has5m: false, has1h: false }
  const walk = (value: unknown, depth: number): void => {
    if (depth > DEPTH_MAX || (found.has5m && found.has1h)) return
    if (Array.isArray(value)) for (const item of value) walk(item, depth + 1)
    if (!isObject(value)) return
    for (const key of Object.keys(value)) {
      const child = value[key]
      if ((key === 'cache_control' || key === 'cachePoint') && isObject(child)) {
        if (child.ttl === '1h') found.has1h = true
        else found.has5m = true
      } else walk(child, depth + 1)
    }
  }
  walk(request, 0)
  return found
}
