import type { Millis, Span } from '../../kernel/index.ts'

/** Spans in order, with those that overlap or touch made one. */
export function joined(spans: readonly Span[]): Span[] {
  const list: { start: Millis; end: Millis }[] = []
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = list.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else list.push({ start, end })
  }
  return list
}

/** Whether a time lies within one of the spans, which are in order. */
export function isCovered(spans: readonly Span[], at: Millis): boolean {
  return (notBefore(spans, at)?.start ?? Number.POSITIVE_INFINITY) <= at
}

/** Whether a span has a time in common with one of the spans, which are in order. */
export function overlaps(spans: readonly Span[], { start, end }: Span): boolean {
  return (notBefore(spans, start)?.start ?? Number.POSITIVE_INFINITY) < end
}

/** The first span that ends after a time. */
function notBefore(spans: readonly Span[], at: Millis): Span | undefined {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.end ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return spans[low]
}
