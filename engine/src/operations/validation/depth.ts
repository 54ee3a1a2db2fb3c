import { LIMITS } from '../../kernel/index.ts'

/**
 * Whether a parsed document nests deeper than `LIMITS.jsonDepthMax`. The walk stops at the limit, so it never overflows the stack itself.
 * Schemas bound the depth of everything they describe; this is for values they leave open and for what they refuse.
 */
export function isTooDeep(value: unknown, levels: number = LIMITS.jsonDepthMax): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, levels - 1))
  for (const name in value) if (isTooDeep((value as Record<string, unknown>)[name], levels - 1)) return true
  return false
}
