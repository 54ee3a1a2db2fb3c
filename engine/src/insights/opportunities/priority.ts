import { type Picos, ZERO } from '../../kernel/index.ts'
import type { Priority } from './opportunity.ts'

/** A saving of a tenth of the whole bill is worth stopping other work for; below a fiftieth it can wait. In percent of the total cost. */
const HIGH_SAVING_PERCENT = 10n
const MEDIUM_SAVING_PERCENT = 2n
/** With no saving known, what takes more than half of the bill deserves a look all the same. */
const MEDIUM_COST_PERCENT = 50n

/** How urgent an opportunity is, by what it saves of the whole. */
export function priorityOf(saving: Picos | null, currentCost: Picos, total: Picos): Priority {
  if (saving === null) return isShare(currentCost, total, MEDIUM_COST_PERCENT) ? 'medium' : 'low'
  if (isShare(saving, total, HIGH_SAVING_PERCENT)) return 'high'
  return isShare(saving, total, MEDIUM_SAVING_PERCENT) ? 'medium' : 'low'
}

/** Whether a part is at least so many percent of a total above zero. Exact: compared by multiplying, not by dividing. */
export function isShare(part: Picos, total: Picos, percent: bigint): boolean {
  return total > ZERO && part * 100n >= total * percent
}
