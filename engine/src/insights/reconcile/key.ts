import type { Millis } from '../../kernel/index.ts'

/** What a line is about. `name` is that of a provider's line which is not understood, and null for every other. */
export interface LineKey {
  readonly day: Millis
  readonly model: string | null
  readonly meter: string | null
  readonly name: string | null
}

export function keyText({ day, model, meter, name }: LineKey): string {
  return JSON.stringify([day, model, meter, name])
}

const DAY_MS = 86_400_000

/** When the day of UTC begins that holds a time. */
export function dayOf(at: Millis): Millis {
  return Math.floor(at / DAY_MS) * DAY_MS
}

export function nextDay(day: Millis): Millis {
  return day + DAY_MS
}

export function dayBefore(day: Millis): Millis {
  return day - DAY_MS
}
