import { describe, expect, it } from 'vitest'
import invalidOrValidItems from '../../../../conformance/reconcile/line-items.json' with { type: 'json' }
import reports from '../../../../conformance/reconcile/reports.json' with { type: 'json' }
import texts from '../../../../conformance/reconcile/texts.json' with { type: 'json' }
import { formatInstant } from '../../kernel/index.ts'
import { isCovered, joined, overlaps } from './coverage.ts'
import { countsUnits, readLineItem } from './openai-line-item.ts'
import { readCostReport } from './read-pages.ts'
import { readReportText } from './read-text.ts'
import type { CostReport, ReportedLine } from './records.ts'

/** A line as the tables write it. */
function written({ span, amount, quantity, ...line }: ReportedLine) {
  const digits = amount === null ? null : plain(amount.digits, amount.scale)
  return { ...line, day: formatInstant(span.start).slice(0, 10), amount: digits, quantity: quantity?.toString() ?? null }
}

function plain(digits: bigint, scale: number): string {
  const negative = digits < 0n
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const fraction = scale === 0 ? '' : text.slice(-scale).replace(/0+$/, '')
  return `${negative ? '-' : ''}${scale === 0 ? text : text.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`
}

function readOrFail(pages: readonly unknown[]): CostReport {
  const read = readCostReport(pages)
  if (!read.ok) throw new Error(`${read.error.path}: ${read.error.detail}`)
  return read.value
}

describe("a line item of OpenAI's costs", () => {
  it.each(invalidOrValidItems.valid)('$text', ({ text, model, meter, tier }) => {
    expect(readLineItem(text)).toEqual({ model, meter, tier })
  })
  it.each(invalidOrValidItems.invalid)('is not understood: $name', ({ text, model }) => {
    expect(readLineItem(text)).toMatchObject({ model, meter: null })
  })
  it('counts units of its meter where the unit is one, or is not said', () => {
    expect([undefined, null, 'tokens', 'Seconds'].map(countsUnits)).toEqual([true, true, true, true])
    expect(['gigabyte days', 'thousand tokens', 7].map(countsUnits)).toEqual([false, false, false])
  })
})

describe("pages of a provider's report", () => {
  it.each(reports.valid)('$name', ({ pages, seller, lines, itemized = true, cut = 0, repeated = 0, covered }) => {
    const report = readOrFail(pages)
    expect(report).toMatchObject({ seller, isItemized: itemized, cutPages: cut, repeatedBuckets: repeated })
    expect(report.lines.map(written)).toMatchObject(lines)
    for (const [kind, spans] of Object.entries(covered ?? {})) {
      const found = report.covered[kind as 'cost' | 'usage'].map(({ start, end }) => `${formatInstant(start)}/${formatInstant(end)}`)
      expect(found).toEqual(spans)
    }
  })
  it.each(reports.invalid)('are refused: $name', ({ pages, path, says }) => {
    const read = readCostReport(pages)
    expect(read).toMatchObject({ ok: false, error: { code: 'invalid_field', path } })
    expect(read.ok ? '' : read.error.detail).toContain(says)
  })
})

describe('the text of a file', () => {
  it.each(texts.valid)('$name', ({ text, pages, lines }) => {
    const read = readReportText(text)
    expect(read).toMatchObject({ ok: true })
    if (!read.ok) return
    expect(read.value).toHaveLength(pages)
    if (lines !== undefined) expect(readOrFail(read.value).lines.map(written)).toMatchObject(lines)
  })
  it.each(texts.invalid)('is refused: $name', ({ text, says }) => {
    const read = readReportText(text)
    const pages = read.ok ? readCostReport(read.value) : read
    expect(pages.ok ? '' : pages.error.detail).toContain(says)
  })
})

describe('what a report covers', () => {
  it('is joined where spans touch or overlap, and asked by time', () => {
    const spans = joined([
      { start: 20, end: 30 },
      { start: 0, end: 10 },
      { start: 5, end: 12 },
      { start: 12, end: 15 },
    ])
    expect(spans).toEqual([
      { start: 0, end: 15 },
      { start: 20, end: 30 },
    ])
    expect([-1, 0, 14, 15, 19, 20, 29, 30].map((at) => isCovered(spans, at))).toEqual([false, true, true, false, false, true, true, false])
    expect(isCovered([], 0)).toBe(false)
    expect(
      [
        [-5, 0],
        [14, 16],
        [15, 20],
        [19, 21],
        [30, 31],
      ].map(([start = 0, end = 0]) => overlaps(spans, { start, end })),
    ).toEqual([false, true, false, true, false])
  })
})

describe('ten thousand pages without results', () => {
  it('are put in their places in a moment, in whichever order they come', () => {
    const start = 1_762_732_800
    const pages: unknown[] = Array.from({ length: 10_000 }, (_, index) => ({
      data: [{ start_time: start + index * 3_600, end_time: start + (index + 1) * 3_600, results: [] }],
      has_more: index < 9_999,
    }))
    const result = { object: 'organization.usage.completions.result', input_tokens: 1 }
    pages[0] = { data: [{ start_time: start, end_time: start + 3_600, results: [result] }], has_more: true }
    for (const order of [pages, [...pages].reverse()]) {
      const report = readOrFail(order)
      expect([report.covered.usage.length, report.covered.cost.length, report.cutPages]).toEqual([1, 0, 0])
    }
  }, 5_000)
})
