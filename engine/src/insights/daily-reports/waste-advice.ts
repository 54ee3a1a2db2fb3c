import { type Picos, ZERO } from '../../kernel/index.ts'
import { usdWords } from '../opportunities/money-words.ts'
import type { Priority } from '../opportunities/opportunity.ts'
import type { Amounts } from './records.ts'

/** What can be done about waste that reports declare. The saving is what they say was wasted: it is theirs, and not computed from calls. */
export interface WasteAdvice {
  readonly category: string
  readonly priority: Priority
  readonly recommendation: string
  readonly assumption: string
  readonly saving: Picos
}

/** The largest first; nothing for a category without money in it. `total`: what the same days have cost. */
export function wasteAdvice(waste: Amounts, total: Picos | null): WasteAdvice[] {
  return [...waste]
    .filter(([, amount]) => amount > ZERO)
    .sort(([left, a], [right, b]) => (a === b ? (left < right ? -1 : 1) : a > b ? -1 : 1))
    .map(([category, saving]) => ({
      category,
      priority: priorityOf(saving, total),
      recommendation: `${usdWords(saving)} was reported as wasted on ${category}. ${LEVERS.get(category) ?? 'Look at the calls behind it.'}`,
      assumption: 'The reports are right about what was wasted, and none of it was needed.',
      saving,
    }))
}

/** What each category of the documented ones is, and what helps. */
const LEVERS: ReadonlyMap<string, string> = new Map([
  ['retries', 'Wait longer between tries, keep within rate limits, and do not repeat requests that cannot succeed.'],
  ['unused_context', 'Send less context: what answers never refer to can be left out or looked up when it is needed.'],
  ['hallucination_recovery', 'Check answers before they are acted on, and ground the prompts that lead to corrections.'],
])

/** A tenth of the cost is much, a fiftieth is little. */
function priorityOf(saving: Picos, total: Picos | null): Priority {
  if (total === null || saving * 10n >= total) return 'high'
  return saving * 50n >= total ? 'medium' : 'low'
}
