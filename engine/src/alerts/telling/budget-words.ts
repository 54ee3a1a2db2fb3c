import { ALL_TIME, formatInstant, type Millis, type Period, type Picos } from '../../kernel/index.ts'
import type { ToldRule } from '../../ledger/index.ts'

/** Percent with at most two decimals, never rounded up: 99.99 is not 100. Null of a limit of nothing. */
export function percentOf(spent: Picos, limit: Picos): number | null {
  return limit === 0n ? null : Number((spent * 10_000n) / limit) / 100
}

/** Whom a budget is about, with the name that people gave it. */
export function subjectOf({ dimension, name }: Pick<ToldRule, 'dimension' | 'name'>, value: string): string {
  const kind = dimension.replace('_', ' ')
  const subject = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${value}`
  return name === null ? subject : `${name}: ${subject}`
}

export function periodWords(period: string): string {
  return period === 'total' ? 'of all time' : period.startsWith('rolling:') ? `of ${period.slice('rolling:'.length)}` : `per ${period}`
}

export function resetWords(resetsAt: Millis | null): string {
  return resetsAt === null ? 'It does not reset.' : `It resets at ${formatInstant(resetsAt)}.`
}

export function resetText(resetsAt: Millis | null): string | null {
  return resetsAt === null ? null : formatInstant(resetsAt)
}

/** Null for the beginning of time, and for a rolling window, which has no start of its own. */
export function startText(periodStart: Millis, period: Period): string | null {
  return period.unit === 'rolling' || periodStart <= ALL_TIME.start ? null : formatInstant(periodStart)
}
