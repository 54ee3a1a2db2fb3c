import type { FocusConformanceAnswer } from '@purser/contract'

/** The report in lines for a reader. */
export function conformanceText(answer: FocusConformanceAnswer): string {
  const { rules, totals, left_out: left } = answer
  const lines = [
    `FOCUS ${answer.version}, by ${answer.granularity}: ${answer.conformant ? 'conformant' : 'NOT conformant'}`,
    `period: ${answer.period.from ?? 'the beginning'} to ${answer.period.to ?? 'now'}`,
    `${answer.rows} rows from ${answer.calls} calls`,
    `rules: ${rules.checked} checked, ${rules.passed} passed, ${rules.failed} failed, ${rules.not_applicable} not applicable`,
    `billed ${totals.billed_usd} USD, ledger ${totals.ledger_usd} USD, difference ${totals.difference_usd} USD`,
    ...answer.failed.flatMap(failureLines),
    '',
    'Calls by how sure their cost is:',
    ...Object.entries(answer.calls_by_confidence).map(([status, calls]) => `  ${status}: ${calls}`),
    `  rows whose unit price was rounded: ${answer.rounded_unit_prices}`,
    '',
    `Left out, because no price is known: ${left.unpriced_calls} calls whole, ${left.partial_calls} calls in part`,
    ...left.usage.map(
      ({ seller, model, meter, reason, calls, quantity }) =>
        `  ${seller} ${model} ${meter ?? 'no usage'}: ${quantity ?? 'unknown'} in ${calls} calls (${reason})`,
    ),
    ...(left.unlisted === 0 ? [] : [`  and ${left.unlisted} more`]),
    '',
    `Columns: ${answer.columns.present.length} of FOCUS, ${answer.columns.custom.length} of ours`,
    ...answer.columns.missing.map(({ name, level, reason }) => `  without ${name} (${level}): ${reason}`),
    '',
    'Rules that do not apply:',
    ...answer.not_applicable.map(({ rule, reason }) => `  ${rule}: ${reason}`),
  ]
  return `${lines.join('\n')}\n`
}

function failureLines({ rule, severity, text, count, rows, names }: FocusConformanceAnswer['failed'][number]): string[] {
  const where = names.length > 0 ? names.join(', ') : `${count} rows: ${rows.join(', ')}${rows.length < count ? ', …' : ''}`
  return [`  ${severity === 'must' ? 'FAILED' : 'advice'} ${rule}: ${text}`, `    ${where}`]
}
