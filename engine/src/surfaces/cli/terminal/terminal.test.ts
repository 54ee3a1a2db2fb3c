import { describe, expect, it } from 'vitest'
import { compact, count, share, usd } from './figures.ts'
import { progressLine } from './progress.ts'
import { renderTable } from './table.ts'

describe('figures', () => {
  it.each([
    ['0', '$0.00'],
    ['12.3456', '$12.35'],
    ['1234567.891', '$1,234,567.89'],
    ['0.01', '$0.01'],
    ['0.000012345678', '$0.000012345678'],
    ['-0.5', '-$0.50'],
    ['-0.0004', '-$0.0004'],
    [null, 'not known'],
    [undefined, 'not known'],
  ])('shows %s as %s', (exact, shown) => expect(usd(exact)).toBe(shown))

  it('groups counts and keeps magnitudes short', () => {
    expect(count(1234567)).toBe('1,234,567')
    expect(compact(4_560_000)).toBe('4.6M')
    expect(share(1, 3)).toBe('33.3%')
    expect(share(0, 0)).toBe('')
  })
})

describe('renderTable', () => {
  const columns = [
    { title: 'model', shrink: true },
    { title: 'cost', align: 'right' as const },
  ]

  it('never gets wider than the terminal and never cuts a number', () => {
    const rows = [['a-very-long-model-name-that-goes-on-and-on-beyond-any-terminal-that-people-use-2026-11-22', '$1,234.56']]
    const text = renderTable(columns, rows, 40)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(40)
    expect(text).toContain('$1,234.56')
    expect(text).toContain('…')
  })

  it('lines numbers up on the right', () => {
    const lines = renderTable(
      columns,
      [
        ['a', '$1.00'],
        ['b', '$10.00'],
      ],
      80,
    ).split('\n')
    const ends = lines.slice(-2).map((line) => line.trimEnd().length)
    expect(new Set(ends).size).toBe(1)
  })
})

describe('progressLine', () => {
  it('rewrites one line on a terminal, at most ten times a second', () => {
    let clock = 0
    const written: string[] = []
    const progress = progressLine({ write: (text: string) => written.push(text), isTTY: true, columns: 20 }, () => clock)
    progress.show('too early')
    clock = 150
    progress.show('a text that is longer than the terminal is wide')
    clock = 200
    progress.show('too early again')
    progress.done()
    expect(written).toEqual(['\r\u001b[2Ka text that is long', '\r\u001b[2K'])
  })
})
