/** Which entry told last that a budget is exhausted for a value in a period; 0 while none has. */
export const EXHAUSTED_BUDGETS = `
ALTER TABLE purser.counters ADD COLUMN exhausted_seq BIGINT NOT NULL DEFAULT 0;
`
