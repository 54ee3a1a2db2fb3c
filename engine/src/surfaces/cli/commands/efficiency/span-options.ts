import type { Command } from 'commander'
import { CommandFailed } from '../../world.ts'

/** What of time and fleet is asked about. */
export interface SpanOptions {
  readonly last?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly org?: string
  readonly agent?: string
  readonly examine?: string
  readonly json?: boolean
}

export function addSpanOptions(command: Command): Command {
  return command
    .option('--last <period>', 'back from now: 24h, 7d, 30d', '30d')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--zone <zone>', 'IANA time zone of days')
    .option('--org <id>', 'one organization')
    .option('--agent <name>', 'one agent, or several separated by commas')
    .option('--examine <calls>', 'how many calls are looked at one by one, those posted last')
    .option('--json', 'print JSON')
}

/** The options as a question; a time that is stated stands in place of the period. */
export function spanQuery({ last, from, to, zone, org, agent, examine }: SpanOptions): Record<string, unknown> {
  const isStated = from !== undefined || to !== undefined
  return {
    ...(isStated || last === undefined ? {} : { period: last }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(zone === undefined ? {} : { zone }),
    ...(org === undefined ? {} : { organization_id: org }),
    ...(agent === undefined ? {} : { agent }),
    ...(examine === undefined ? {} : { examine: whole(examine) }),
  }
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CommandFailed(`--examine takes a whole number, not "${text}"`)
  return Number(text)
}

/** A ratio as a reader has it; nothing where it is not known. */
export function percent(ratio: number | null): string {
  return ratio === null ? '' : `${(100 * ratio).toFixed(1)}%`
}
