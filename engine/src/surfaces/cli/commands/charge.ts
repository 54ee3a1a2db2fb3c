import type { PriceAnswer } from '@purser/contract'
import { count, usd } from '../terminal/figures.ts'
import { labelled, print, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import type { CliWorld } from '../world.ts'

/** A charge line by line, its total, what makes it doubtful, and where the rates come from. */
export function printCharge(world: CliWorld, priced: Pick<PriceAnswer, 'charge' | 'rate_cards'> & { readonly heading: string }): void {
  const { charge, heading } = priced
  const width = terminalWidth(world)
  print(world, heading, '')
  const rows = [
    ...charge.lines.map((line) => [
      line.meter,
      count(line.quantity),
      `${line.price} ${line.currency} per ${count(line.per)}${line.modifiers.length === 0 ? '' : ` × ${line.modifiers.join(', ')}`}`,
      `$${line.amount}`,
    ]),
    ...charge.unpriced.map((line) => [
      line.meter,
      line.quantity === null ? 'missing' : count(line.quantity),
      reasonText(line.reason),
      'not known',
    ]),
  ]
  const columns = [
    { title: 'meter' },
    { title: 'quantity', align: 'right' as const },
    { title: 'rate', shrink: true },
    { title: 'amount', align: 'right' as const },
  ]
  if (rows.length > 0) print(world, renderTable(columns, rows, width), '')
  const say = (label: string, text: string): void => print(world, ...labelled(label, text, width))
  say('total', totalText(charge.cost))
  say('status', charge.status)
  if (charge.attested !== null) say('billed', billedText(charge.attested))
  for (const other of charge.alternatives) say('or', `$${other.cost} ${other.when}`)
  if (charge.fx !== null)
    say('fx', `1 ${charge.fx.currency} = ${charge.fx.usd_per_unit} USD as of ${charge.fx.as_of} (${charge.fx.source})`)
  for (const note of charge.notes) say('note', note.detail)
  for (const card of priced.rate_cards)
    say('rates', `${card.provider} ${card.model}: ${card.source.ref}, checked ${card.source.checked_at.slice(0, 10)}`)
}

/** The exact amount, and in parentheses the rounded one where that reads differently. */
function totalText(cost: string | null): string {
  if (cost === null) return 'not known'
  const rounded = usd(cost)
  return rounded === `$${cost}` ? rounded : `$${cost}  (${rounded})`
}

function billedText({ cost, by, computed, variance }: NonNullable<PriceAnswer['charge']['attested']>): string {
  if (computed === null) return `$${cost} as stated by ${by}; nothing here computes it`
  return variance === '0'
    ? `as stated by ${by}; our own computation agrees`
    : `$${cost} as stated by ${by}; our own computation gives $${computed}`
}

function reasonText(reason: string): string {
  if (reason === 'no_card') return 'no rate card for this model'
  return reason === 'no_rate' ? 'the rate card has no rate for it' : 'the provider did not say how much'
}
