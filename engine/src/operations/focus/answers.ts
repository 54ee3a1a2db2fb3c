import type { FocusAnswer, FocusConformanceAnswer } from '@purser/contract'
import type { FocusCheck, FocusQuestion, FocusTally } from '../../insights/index.ts'
import { picos, usdOfPicos } from '../../kernel/index.ts'
import { periodAnswer } from '../wire/measures-answer.ts'
import { reasonNotWritten } from './conformance-text.ts'

export function totalsAnswer({ billed, projected }: FocusTally): FocusAnswer['totals'] {
  return { billed_usd: usdOfPicos(billed), ledger_usd: usdOfPicos(projected), difference_usd: usdOfPicos(picos(billed - projected)) }
}

export function leftOutAnswer({ leftOut }: FocusTally): FocusAnswer['left_out'] {
  return {
    unpriced_calls: leftOut.unpricedCalls,
    partial_calls: leftOut.partialCalls,
    usage: [...leftOut.usage.values()].map((usage) => ({ ...usage, quantity: usage.quantity === null ? null : usage.quantity.toString() })),
    unlisted: leftOut.unlisted,
  }
}

export function conformanceAnswer(question: FocusQuestion, check: FocusCheck, tally: FocusTally): FocusConformanceAnswer {
  const { present, missing, custom } = check.columns
  const isExact = tally.billed === tally.projected
  return {
    version: question.version,
    granularity: question.granularity,
    period: periodAnswer(question),
    conformant: check.conformant && isExact,
    rows: check.rows,
    calls: tally.calls,
    rules: {
      checked: check.passed.length + check.failed.length,
      passed: check.passed.length,
      failed: check.failed.length,
      not_applicable: check.notApplicable.length,
    },
    failed: check.failed.map((failure) => ({ ...failure, rows: [...failure.rows], names: [...failure.names] })),
    not_applicable: check.notApplicable.map((rule) => ({ ...rule })),
    columns: {
      present: [...present],
      missing: missing.map(({ name, level, condition }) => ({ name, level, reason: reasonNotWritten(condition) })),
      custom: [...custom],
    },
    totals: totalsAnswer(tally),
    calls_by_confidence: Object.fromEntries([...tally.confidence].sort(([a], [b]) => (a < b ? -1 : 1))),
    rounded_unit_prices: tally.roundedPrices,
    left_out: leftOutAnswer(tally),
  }
}
