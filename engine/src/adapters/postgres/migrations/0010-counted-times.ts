/**
 * The times of a span are from now on also those at which its calls count in budgets, which is when they were held for. Of spans from before only the times
 * are known that calls state. What was held for was recorded after it, so no call of a span counts later than its last entry was recorded, but for
 * clocks that differ by less than a day.
 */
export const COUNTED_TIMES = `
UPDATE purser.journal_spans SET latest = greatest(latest, (
  SELECT recorded_at FROM purser.journal WHERE seq <= (journal_spans.span + 1) * 1024 ORDER BY seq DESC LIMIT 1
) + 86400000);
`
