type Facts = Readonly<Record<string, unknown>>

/**
 * When a rate holds, in words: `tier batch or flex, from 272,000 input tokens on`. A condition of a kind that is new to this program is shown as
 * it came.
 */
export function conditionText(when: Facts): string {
  return Object.entries(when)
    .map(([fact, value]) => factText(fact, value))
    .join(', ')
}

function factText(fact: string, value: unknown): string {
  if (Array.isArray(value)) return `${NAMES[fact] ?? fact} ${value.join(' or ')}`
  if (typeof value !== 'object' || value === null) return `${fact} ${String(value)}`
  if (fact === 'bracket') return bracketText(value as Facts)
  if (fact === 'window') return windowText(value as Facts)
  return `${fact} ${JSON.stringify(value)}`
}

const NAMES: Readonly<Record<string, string>> = { searchContext: 'search context' }

function bracketText({ basis, op, at, mode }: Facts): string {
  const what = basis === 'output_total' ? 'output tokens' : 'input tokens'
  const from = op === 'gt' ? `above ${number(at)} ${what}` : `from ${number(at)} ${what} on`
  return mode === 'marginal' ? `${from}, for those tokens only` : from
}

function windowText({ zone, days, from, to }: Facts): string {
  const on = Array.isArray(days) ? ` on ${days.map((day) => DAYS[Number(day) - 1] ?? String(day)).join(', ')}` : ''
  return `${String(from).slice(0, 5)} to ${String(to).slice(0, 5)} ${String(zone)}${on}`
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

function number(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}
