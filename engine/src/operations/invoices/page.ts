import type { IssuedInvoice } from '@purser/contract'
import { bucketLabel } from '../../insights/index.ts'

/** An invoice as a page to print: one sheet, no scripts, nothing loaded from anywhere. All text of others is escaped. */
export function invoicePage(invoice: IssuedInvoice): string {
  const { number, kind, currency, lines, period } = invoice
  const title = `${kind === 'invoice' ? 'Invoice' : 'Credit note'} ${number ?? '(preview)'}`
  const rows = lines.map(
    ({ description, calls, tokens, cost_usd, amount }) =>
      `<tr><td>${text(description)}</td><td>${figure(calls)}</td><td>${figure(tokens)}</td><td>${text(cost_usd ?? NOT_KNOWN)}</td><td>${text(amount ?? NOT_KNOWN)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${text(title)}</h1>${issuer(invoice)}</header>
<dl>
${facts(invoice)
  .map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value).replaceAll('\n', '<br>')}</dd></div>`)
  .join('\n')}
</dl>
<table>
<thead><tr><th scope="col">For</th><th scope="col">Calls</th><th scope="col">Tokens</th><th scope="col">Cost, USD</th><th scope="col">Amount, ${text(currency)}</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot>
${sums(invoice)
  .map(([name, value]) => `<tr><th scope="row" colspan="4">${text(name)}</th><td>${text(value)}</td></tr>`)
  .join('\n')}
</tfoot>
</table>
${notes(invoice)
  .map((note) => `<p>${text(note)}</p>`)
  .join('\n')}
<footer>Calls from ${text(day(period.from, period.zone))} to before ${text(day(period.to, period.zone))} (${text(period.zone)}). Amounts are computed exactly and rounded once for each line.</footer>
</body>
</html>
`
}

const NOT_KNOWN = 'not known'
const STYLE = `:root{color-scheme:light}body{font:14px/1.45 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1.5rem;color:#111;background:#fff}
header{display:flex;justify-content:space-between;gap:2rem;align-items:start}h1{font-size:1.5rem;margin:0}address{font-style:normal;text-align:right;white-space:pre-line}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;margin:2rem 0}dt{color:#555;font-size:.8rem}dd{margin:0}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.35rem 0 .35rem 1rem;border-bottom:1px solid #ccc;text-align:right;font-weight:normal;vertical-align:top}
td:first-child,th:first-child{text-align:left;padding-left:0;overflow-wrap:anywhere}thead th{color:#555;font-size:.8rem}tfoot th{text-align:right}tfoot tr:last-child>*{font-weight:600;border-bottom:2px solid #111}
footer,p{color:#555;font-size:.85rem;margin-top:1.5rem}tr{break-inside:avoid}@media print{body{margin:0;max-width:none}@page{margin:18mm}}`

function issuer({ issuer: party }: IssuedInvoice): string {
  return party === null ? '' : `<address>${text(partyText(party))}</address>`
}

function partyText({ name, address, tax_id }: NonNullable<IssuedInvoice['issuer']>): string {
  return [name, address, tax_id === undefined || tax_id === null ? null : `Tax id ${tax_id}`]
    .filter((line) => typeof line === 'string')
    .join('\n')
}

function facts({ bill_to, issued_at, due_at, period, credits, reason, exchange_rate, currency }: IssuedInvoice): [string, string][] {
  const { party, dimension, value } = bill_to
  const all: [string, string | null][] = [
    ['Billed to', party === null ? value : partyText(party)],
    ['For', `${dimension.replaceAll('_', ' ')} ${value}`],
    ['Date', issued_at === null ? null : day(issued_at)],
    ['Due', due_at === null ? null : day(due_at)],
    ['Period', `${day(period.from, period.zone)} to ${day(period.to, period.zone, -1)}`],
    ['Takes back', credits],
    ['Reason', reason],
    [
      'Exchange rate',
      exchange_rate === null ? null : `1 ${currency} = ${exchange_rate.usd_per_unit} USD (${exchange_rate.as_of}, ${exchange_rate.source})`,
    ],
  ]
  return all.flatMap(([name, said]) => (said === null ? [] : [[name, said] as [string, string]]))
}

function sums({ kind, subtotal, markup, markup_pct, total, currency }: IssuedInvoice): [string, string][] {
  const whole: [string, string] = [`Total ${currency}`, total ?? NOT_KNOWN]
  return kind === 'credit_note' || markup_pct === 0
    ? [whole]
    : [['Cost', subtotal ?? NOT_KNOWN], [`Markup ${markup_pct} %`, markup ?? NOT_KNOWN], whole]
}

function notes({ unpriced_calls, note, status }: IssuedInvoice): string[] {
  return [
    ...(status === 'preview' ? ['This is a preview. It has no number and asks for nothing.'] : []),
    ...(unpriced_calls > 0 ? [`The price of ${unpriced_calls} calls is not known. They are not in this invoice.`] : []),
    ...(note === null ? [] : [note]),
  ]
}

/** The day in a zone that a time, or so many milliseconds after it, lies in. */
function day(time: string, zone = 'UTC', afterMs = 0): string {
  return bucketLabel(Date.parse(time) + afterMs, 'day', zone)
}

function figure(value: number | null): string {
  return value === null ? '' : value.toLocaleString('en-US')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}
