import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const
const WINDOW = /^(\d{1,6})([smh])$/
const WINDOW_MS_DEFAULT = 15 * UNIT_MS.m
const WINDOW_MS_MIN = UNIT_MS.m
const WINDOW_MS_MAX = 24 * UNIT_MS.h

/** The observation window in milliseconds. */
export function windowMs(text: string | undefined): Result<number> {
  if (text === undefined) return ok(WINDOW_MS_DEFAULT)
  const [, count = '', unit = 's'] = WINDOW.exec(text) ?? []
  const length = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (length >= WINDOW_MS_MIN && length <= WINDOW_MS_MAX) return ok(length)
  return fail(refusal('invalid_period', `a window is from 1m to 24h, for example 15m; not "${text}"`, { path: '/window' }))
}
