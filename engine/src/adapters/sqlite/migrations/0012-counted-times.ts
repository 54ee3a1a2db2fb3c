/**
 * The times of a span are from now on also those at which its calls count in budgets, which is when they were held for. Of spans from before only the times
 * are known that calls state. What was held for was recorded after it, so no call of a span counts later than its last entry was recorded, but for
 * clocks that differ by less than a day.
 */
export const COUNTED_TIMES = `
UPDATE journal_spans SET latest = max(latest, (SELECT recorded_at FROM journal WHERE seq = journal_spans.last_seq) + 86400000)
WHERE latest IS NOT NULL AND EXISTS (SELECT 1 FROM journal WHERE seq = journal_spans.last_seq);
`
