/** A file of the repository, as a rule sees it: its path from the root, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export interface Violation {
  readonly path: string
  readonly line?: number
  readonly message: string
}

/** What a rule found, and how many things it looked at: a rule that saw nothing has checked nothing, and fails. */
export interface Findings {
  readonly seen: number
  /** What `seen` counts, for the report: `imports`, `files`, … */
  readonly unit: string
  readonly violations: readonly Violation[]
}

/** A rule on the code itself: pure, from files to violations. */
export interface Rule {
  readonly name: string
  readonly check: (files: readonly SourceFile[]) => Findings
}

/** The violations of a rule; seeing nothing is one. */
export function violationsOf(rule: Rule, files: readonly SourceFile[]): readonly Violation[] {
  const findings = rule.check(files)
  if (findings.seen > 0) return findings.violations
  return [...findings.violations, { path: '.', message: `the rule "${rule.name}" saw no ${findings.unit}, so it has checked nothing` }]
}

/** One line of a report, in the form that editors and terminals turn into a link. */
export function formatViolation(violation: Violation): string {
  return `${violation.path}${violation.line === undefined ? '' : `:${violation.line}`} ${violation.message}`
}
