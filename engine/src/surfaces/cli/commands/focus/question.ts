import type { Command } from 'commander'

export interface FocusOptions {
  readonly spec?: string
  readonly granularity?: string
  readonly subAccount?: string
  readonly last?: string
  readonly from?: string
  readonly to?: string
  readonly org?: string
}

/** The options that say which export is meant. */
export function withQuestion(command: Command): Command {
  return command
    .option('--spec <version>', 'of FOCUS: 1.4, 1.2 or 1.5-draft', '1.4')
    .option('--granularity <period>', 'day, hour or call', 'day')
    .option('--sub-account <dimension>', 'team or project', 'team')
    .option('--last <period>', 'back from now: 24h, 7d; or month, year')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--org <id>', 'one organization')
}

export function questionOf({ spec, granularity, subAccount, last, from, to, org }: FocusOptions): Record<string, string> {
  const said = { version: spec, granularity, sub_account: subAccount, period: last, from, to, organization_id: org }
  return Object.fromEntries(Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
