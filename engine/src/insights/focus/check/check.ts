import { columnsOf, type FocusRow, type FocusVersion } from '../columns.ts'
import { Cells } from './cells.ts'
import { CHARGE_RULES, COMMITMENT_RULES, SKU_RULES } from './charge-rules.ts'
import { columnRules } from './column-rules.ts'
import { FILE_RULES } from './file-rules.ts'
import { PERIOD_RULES } from './period-rules.ts'
import type { FileFacts, FocusRule, Watch } from './rule.ts'

/** Every rule that a version is checked by. */
export function focusRules(version: FocusVersion): FocusRule[] {
  const known = new Set(columnsOf(version).map(({ name }) => name))
  const together = [...PERIOD_RULES, ...CHARGE_RULES, ...COMMITMENT_RULES, ...SKU_RULES]
  return [...FILE_RULES, ...columnRules(version), ...together.filter(({ columns }) => columns.every((name) => known.has(name)))]
}

export interface RuleFailure {
  readonly rule: string
  readonly text: string
  readonly severity: FocusRule['severity']
  /** How many rows break it, and the numbers of the first of them; the first row after the heading is 1. */
  readonly count: number
  readonly rows: readonly number[]
  /** What breaks it that is no row: names of columns, ids. */
  readonly names: readonly string[]
}

/** What a check has found. */
export interface FocusCheck {
  readonly version: FocusVersion
  /** No rule that must hold is broken. */
  readonly conformant: boolean
  readonly rows: number
  readonly passed: readonly string[]
  readonly failed: readonly RuleFailure[]
  readonly notApplicable: readonly { readonly rule: string; readonly reason: string }[]
  readonly columns: {
    readonly present: readonly string[]
    readonly missing: readonly { readonly name: string; readonly level: string; readonly condition: string | null }[]
    /** Those that are no columns of the version. */
    readonly custom: readonly string[]
  }
}

export interface CheckOptions {
  readonly version: FocusVersion
  /** Conditions of columns that are supported, as the table of columns spells them. Absent: those of which a column is there. */
  readonly supports?: readonly string[]
}

/** Checks a file row by row: what it holds does not grow with the file, but for ids that are compared across it. */
export interface FocusChecker {
  add(row: FocusRow): void
  check(): FocusCheck
}

const ROWS_NAMED_MAX = 20

export function focusChecker(header: readonly string[], options: CheckOptions): FocusChecker {
  const file = factsOf(header, options)
  const places = new Map(header.map((name, index) => [name, index]))
  const runs = focusRules(options.version).map((rule) => begin(rule, file))
  let rows = 0
  return {
    add(row) {
      rows += 1
      const cells = new Cells(places, row)
      for (const run of runs) if (run.row?.(cells) === true) noteRow(run, rows)
    },
    check: () => ({ ...summary(runs), version: options.version, rows, columns: coverage(header, options.version) }),
  }
}

interface Run {
  readonly rule: FocusRule
  readonly reason: string | null
  readonly row: Watch['row']
  readonly end: Watch['end']
  count: number
  readonly rows: number[]
}

function begin(rule: FocusRule, file: FileFacts): Run {
  const missing = rule.columns.filter((name) => !file.has(name))
  const watch = missing.length > 0 ? `without ${missing.join(' and ')} there is nothing to check` : rule.watch(file)
  const isWatched = typeof watch !== 'string'
  return {
    rule,
    reason: isWatched ? null : watch,
    row: isWatched ? watch.row : undefined,
    end: isWatched ? watch.end : undefined,
    count: 0,
    rows: [],
  }
}

function noteRow(run: Run, row: number): void {
  run.count += 1
  if (run.rows.length < ROWS_NAMED_MAX) run.rows.push(row)
}

function summary(runs: readonly Run[]): Pick<FocusCheck, 'conformant' | 'passed' | 'failed' | 'notApplicable'> {
  const watched = runs.filter(({ reason }) => reason === null).map((run) => ({ ...run, names: run.end?.() ?? [] }))
  const broken = watched.filter(({ count, names }) => count > 0 || names.length > 0)
  const failed = broken.map(({ rule: { id, text, severity }, count, rows, names }) => ({ rule: id, text, severity, count, rows, names }))
  return {
    conformant: failed.every(({ severity }) => severity === 'should'),
    passed: watched.filter((run) => !broken.includes(run)).map(({ rule }) => rule.id),
    failed,
    notApplicable: runs.flatMap(({ rule, reason }) => (reason === null ? [] : [{ rule: rule.id, reason }])),
  }
}

function factsOf(header: readonly string[], { version, supports }: CheckOptions): FileFacts {
  const names = new Set(header)
  const columns = columnsOf(version)
  const seen = new Set(columns.flatMap(({ name, condition }) => (condition !== undefined && names.has(name) ? [condition] : [])))
  const supported = supports === undefined ? seen : new Set(supports)
  return { version, header, has: (name) => names.has(name), supports: (condition) => supported.has(condition) }
}

function coverage(header: readonly string[], version: FocusVersion): FocusCheck['columns'] {
  const columns = columnsOf(version)
  const known = new Set(columns.map(({ name }) => name))
  return {
    present: header.filter((name) => known.has(name)),
    missing: columns
      .filter(({ name }) => !header.includes(name))
      .map(({ name, level, condition }) => ({ name, level, condition: condition ?? null })),
    custom: header.filter((name) => !known.has(name)),
  }
}

/** Checks rows that are all there. */
export function checkFocus(header: readonly string[], rows: Iterable<FocusRow>, options: CheckOptions): FocusCheck {
  const checker = focusChecker(header, options)
  for (const row of rows) checker.add(row)
  return checker.check()
}
