import type { FocusConformanceAnswer } from '@purser/contract'
import { type FocusCheck, NOT_SUPPORTED } from '../../insights/index.ts'

/** The report on an export in lines for a reader. */
export function conformanceText(answer: FocusConformanceAnswer): string {
  const { rules, totals, left_out: left } = answer
  return text([
    `FOCUS ${answer.version}, by ${answer.granularity}: ${verdict(answer.conformant)}`,
    `period: ${answer.period.from ?? 'the beginning'} to ${answer.period.to ?? 'now'}`,
    `rows: ${answer.rows}, calls: ${answer.calls}`,
    `rules: ${rules.checked} checked, ${rules.passed} passed, ${rules.failed} failed, ${rules.not_applicable} not applicable`,
    `billed ${totals.billed_usd} USD, ledger ${totals.ledger_usd} USD, difference ${totals.difference_usd} USD`,
    ...answer.failed.flatMap(failureLines),
    '',
    'Calls by how sure their cost is:',
    ...Object.entries(answer.calls_by_confidence).map(([status, calls]) => `  ${status}: ${calls}`),
    `  rows whose unit price was rounded: ${answer.rounded_unit_prices}`,
    '',
    `Calls left out because no price is known: whole ${left.unpriced_calls}, in part ${left.partial_calls}`,
    ...left.usage.map(
      ({ seller, model, meter, reason, calls, quantity }) =>
        `  ${seller} ${model} ${meter ?? 'no usage'}: ${quantity ?? 'unknown'}, calls ${calls} (${reason})`,
    ),
    ...(left.unlisted === 0 ? [] : [`  and ${left.unlisted} more`]),
    ...columnLines(answer.columns),
    ...notApplicableLines(answer.not_applicable),
  ])
}

/** What a check of any file has found, in lines for a reader. */
export function checkText({ version, conformant, rows, passed, failed, notApplicable, columns }: FocusCheck): string {
  const missing = columns.missing.map(({ name, level, condition }) => ({ name, level, reason: reasonOf(condition) }))
  return text([
    `FOCUS ${version}: ${verdict(conformant)}`,
    `rows: ${rows}`,
    `rules: ${passed.length + failed.length} checked, ${passed.length} passed, ${failed.length} failed, ${notApplicable.length} not applicable`,
    ...failed.flatMap(failureLines),
    ...columnLines({ ...columns, missing }),
    ...notApplicableLines(notApplicable),
  ])
}

/** Why a column is not in a file of ours, by what it is for. */
export function reasonNotWritten(condition: string | null): string {
  return condition === null ? 'not written' : (NOT_SUPPORTED[condition] ?? condition)
}

function reasonOf(condition: string | null): string {
  return condition ?? 'always'
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

function verdict(conformant: boolean): string {
  return conformant ? 'conformant' : 'NOT conformant'
}

interface Failure {
  readonly rule: string
  readonly severity: string
  readonly text: string
  readonly count: number
  readonly rows: readonly number[]
  readonly names: readonly string[]
}

function failureLines({ rule, severity, text: words, count, rows, names }: Failure): string[] {
  const where = names.length > 0 ? names.join(', ') : `rows (${count}): ${rows.join(', ')}${rows.length < count ? ', …' : ''}`
  return [`  ${severity === 'must' ? 'FAILED' : 'advice'} ${rule}: ${words}`, `    ${where}`]
}

interface Columns {
  readonly present: readonly string[]
  readonly custom: readonly string[]
  readonly missing: readonly { readonly name: string; readonly level: string; readonly reason: string }[]
}

function columnLines({ present, custom, missing }: Columns): string[] {
  const without = missing.map(({ name, level, reason }) => `  without ${name} (${level}): ${reason}`)
  return ['', `Columns: ${present.length} of FOCUS, ${custom.length} of others`, ...without]
}

function notApplicableLines(rules: readonly { readonly rule: string; readonly reason: string }[]): string[] {
  return rules.length === 0 ? [] : ['', 'Rules that do not apply:', ...rules.map(({ rule, reason }) => `  ${rule}: ${reason}`)]
}
