import type { DailyAlert } from '@purser/contract'
import { usdWords } from '../../../insights/index.ts'
import { type Period, type Picos, usdOfPicos } from '../../../kernel/index.ts'

/** How much somebody has to hurry when so much percent of a budget is used up. */
export function severityOf(thresholdPct: number): DailyAlert['severity'] {
  if (thresholdPct >= 100) return 'critical'
  if (thresholdPct >= 80) return 'high'
  return thresholdPct >= 50 ? 'medium' : 'low'
}

/** `$400`, `$14.73`: whole dollars without decimals. The exact amount stands in the data. */
export function dollars(amount: Picos): string {
  const text = usdOfPicos(amount)
  return text.includes('.') ? usdWords(amount) : `$${text}`
}

const ADJECTIVES: Readonly<Record<string, string>> = {
  hour: 'hourly',
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  quarter: 'quarterly',
  year: 'yearly',
  total: 'total',
}

/** `monthly`, `daily`; a rolling window by its length, `24h`. */
export function periodAdjective(period: Period['unit'] | string): string {
  return ADJECTIVES[period] ?? period.replace('rolling:', '')
}

/** With a capital. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
