import Table from 'cli-table3'

export interface Column {
  readonly title: string
  /** Numbers stand right, so that digits line up. */
  readonly align?: 'left' | 'right'
  /** The column that gives way when the terminal is narrow. */
  readonly shrink?: boolean
}

const GAP = 2
const SHRUNK_MIN = 8

/** Plain columns under a rule, no wider than the terminal: shrinking columns are cut with an ellipsis, numbers never are. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const widths = fit(columns, rows, width)
  const table = new Table({
    head: columns.map((column) => column.title),
    colWidths: widths,
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    chars: borderless(),
    truncate: '…',
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function fit(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => (row[index] ?? '').length)) + GAP)
  let excess = widths.reduce((sum, each) => sum + each, 0) - width
  const shrinking = columns.flatMap((column, index) => (column.shrink === true ? [index] : []))
  while (excess > 0) {
    const widest = shrinking.reduce((best, index) => ((widths[index] ?? 0) > (widths[best] ?? 0) ? index : best), shrinking[0] ?? -1)
    const current = widths[widest]
    if (current === undefined || current <= SHRUNK_MIN + GAP) break
    widths[widest] = current - 1
    excess -= 1
  }
  return widths
}

function borderless(): Record<string, string> {
  const none = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'right', 'middle']
  const rule = { mid: '─', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
  return { ...Object.fromEntries(none.map((name) => [name, ''])), ...rule }
}
