/** How a new level came. */
export type Shape = 'shift' | 'drift'

const DAYS_MIN = 5

/**
 * Whether a line, as means of its days, is better told as a step or as a ramp: of both the best is taken, by the sum of squares that it leaves.
 * Of fewer than five days nothing of the kind can be said: a shift. `start` is the day at which the better one begins.
 */
export function shapeOf(days: readonly number[]): { readonly shape: Shape; readonly start: number } {
  let best: { shape: Shape; start: number; left: number } = { shape: 'shift', start: 0, left: Number.POSITIVE_INFINITY }
  for (let start = 0; start < days.length; start++) {
    for (const shape of ['shift', 'drift'] as const) {
      const left = leftBy(days, (day) => (day < start ? 0 : shape === 'shift' ? 1 : day - start + 1))
      if (left < best.left - 1e-9) best = { shape, start, left }
    }
  }
  return days.length < DAYS_MIN || days.length - best.start < DAYS_MIN - 1 ? { shape: 'shift', start: best.start } : best
}

/** The squares that are left by the best multiple of a form on the best level. */
function leftBy(days: readonly number[], form: (day: number) => number): number {
  const units = days.map((_, day) => form(day))
  const [middle, unit] = [meanOf(days), meanOf(units)]
  let [products, squares, all] = [0, 0, 0]
  days.forEach((value, day) => {
    const [away, out] = [(units[day] ?? 0) - unit, value - middle]
    products += out * away
    squares += away * away
    all += out * out
  })
  return squares === 0 ? all : all - (products * products) / squares
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
