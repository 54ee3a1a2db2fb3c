import type { Millis } from '../../kernel/index.ts'
import type { BreakerRow, BreakerRule, BreakerStep } from './rule.ts'

/**
 * A window moves in steps, sixty to its length, as that of a rolling budget does. A step counts while any part of it lies in the window, so what
 * passes never exceeds the limit within any stretch of that length.
 */
const WINDOW_STEPS = 60

function stepMs(windowMs: number): number {
  return Math.ceil(windowMs / WINDOW_STEPS)
}

function stepStart(windowMs: number, at: Millis): Millis {
  return Math.floor(at / stepMs(windowMs)) * stepMs(windowMs)
}

/** The first time at which a step counts no more. */
function stepEnd(windowMs: number, start: Millis): Millis {
  return start + stepMs(windowMs) + windowMs - 1
}

/** A time as a row knows it: a clock that goes back takes nothing out of the future and brings nothing back. */
export function timeOf(row: Pick<BreakerRow, 'latest'>, now: Millis): Millis {
  return Math.max(row.latest, now)
}

/** The steps that count at a time. */
export function stepsAt(rule: BreakerRule, row: BreakerRow, now: Millis): readonly BreakerStep[] {
  const time = timeOf(row, now)
  return row.steps.filter(({ start }) => stepEnd(rule.windowMs, start) > time)
}

export function countedIn(steps: readonly BreakerStep[]): bigint {
  return steps.reduce((sum, { counted }) => sum + counted, 0n)
}

/** What is counted and what is held for calls under way. */
export function usedIn(steps: readonly BreakerStep[]): bigint {
  return steps.reduce((sum, { counted, held }) => sum + counted + held, 0n)
}

/** When no more than `most` is left in the window if nothing is added: each step leaves it in its turn. `now` when that is so already. */
export function roomAt(rule: BreakerRule, steps: readonly BreakerStep[], most: bigint, now: Millis): Millis {
  let used = usedIn(steps)
  let at = now
  for (const { start, counted, held } of steps) {
    if (used <= most) break
    used -= counted + held
    at = stepEnd(rule.windowMs, start)
  }
  return at
}

/** Adds to the step of a time; null when the window has left it: what is late says nothing of now. */
export function added(
  rule: BreakerRule,
  row: BreakerRow,
  { at, now, counted, held }: { readonly at: Millis; readonly now: Millis; readonly counted: bigint; readonly held: bigint },
): BreakerRow | null {
  const latest = timeOf(row, now)
  const start = stepStart(rule.windowMs, Math.min(at, latest))
  if (stepEnd(rule.windowMs, start) <= latest) return null
  const others = stepsAt(rule, row, now)
  const before = others.find((step) => step.start === start) ?? { start, counted: 0n, held: 0n }
  const step = { start, counted: before.counted + counted, held: before.held + held }
  const steps = [...others.filter((other) => other.start !== start), step].sort((a, b) => a.start - b.start)
  return kept(rule, { ...row, steps, latest })
}

/** Takes back what was held at a time, as far as its step is still there. */
export function released(rule: BreakerRule, row: BreakerRow, at: Millis, held: bigint): BreakerRow {
  const start = stepStart(rule.windowMs, at)
  const steps = row.steps.map((step) => (step.start === start ? { ...step, held: step.held < held ? 0n : step.held - held } : step))
  return kept(rule, { ...row, steps: steps.filter(({ counted, held: left }) => counted !== 0n || left !== 0n) })
}

/** With the time from which it says nothing any more. */
export function kept(rule: BreakerRule, row: BreakerRow): BreakerRow {
  const last = row.steps.at(-1)
  return { ...row, expiresAt: Math.max(last === undefined ? 0 : stepEnd(rule.windowMs, last.start), row.openUntil ?? 0) }
}

export function emptyRow(key: Pick<BreakerRow, 'organization' | 'breaker' | 'value' | 'part'>): BreakerRow {
  const { organization, breaker, value, part } = key
  return { organization, breaker, value, part, steps: [], latest: 0, openedAt: null, openUntil: null, expiresAt: 0 }
}
