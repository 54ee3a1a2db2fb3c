import { type Picos, ZERO } from '../../kernel/index.ts'
import { usdWords } from '../opportunities/money-words.ts'
import type { Priority } from '../opportunities/opportunity.ts'
import { priorityOf } from '../opportunities/priority.ts'
import type { PeriodSums } from './period.ts'

/** What can be done about waste of one category. */
export interface WasteAdvice {
  readonly category: string
  /** Calls that were posted, or what reports declare: the saving is then theirs, and not computed from calls. */
  readonly basis: 'calls' | 'reports'
  readonly priority: Priority
  readonly recommendation: string
  readonly assumption: string
  readonly saving: Picos
}

/** Categories that opportunities are found for, with the calls behind each. */
const ADVISED_ELSEWHERE: ReadonlySet<string> = new Set(['failed', 'duplicate'])

/** What helps against waste of a period that cost `total`; nothing for a category without money in it. */
export function wasteAdvice({ measured, reportedOnly }: PeriodSums['waste'], total: Picos): WasteAdvice[] {
  const advice = (category: string, basis: WasteAdvice['basis'], saving: Picos): WasteAdvice => ({
    category,
    basis,
    priority: priorityOf(saving, saving, total),
    recommendation: `${usdWords(saving)} was ${BASES[basis].seen} ${category}. ${LEVERS.get(category) ?? 'Look at the calls behind it.'}`,
    assumption: BASES[basis].assumption,
    saving,
  })
  const found = [...measured].filter(([category]) => !ADVISED_ELSEWHERE.has(category))
  return [
    ...found.map(([category, amount]) => advice(category, 'calls', amount)),
    ...[...reportedOnly].map(([category, amount]) => advice(category, 'reports', amount)),
  ].filter(({ saving }) => saving > ZERO)
}

const BASES = {
  calls: { seen: 'spent on calls that were declared or found to be', assumption: 'None of these calls was needed.' },
  reports: { seen: 'reported as wasted on', assumption: 'The reports are right about what was wasted, and none of it was needed.' },
} as const

/** What each category of the documented ones is, and what helps. */
const LEVERS: ReadonlyMap<string, string> = new Map([
  ['retries', 'Wait longer between tries, keep within rate limits, and do not repeat requests that cannot succeed.'],
  ['unused_context', 'Send less context: what answers never refer to can be left out or looked up when it is needed.'],
  ['hallucination_recovery', 'Check answers before they are acted on, and ground the prompts that lead to corrections.'],
])
