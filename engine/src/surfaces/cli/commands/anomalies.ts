import type { AnomaliesAnswer, AnomalyFound, AnomalyRule, AnomalyRulesAnswer, LearnedBaselinesAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { usd } from '../terminal/figures.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld } from '../world.ts'

interface Options {
  readonly org?: string
  readonly by?: string
  readonly period?: string
  readonly zone?: string
  readonly direction?: string
  readonly json?: boolean
}

export function addAnomalyCommands(program: Command, world: CliWorld): void {
  const anomalies = program.command('anomalies').description('Spend that its own history does not explain, and what is done about it.')
  addList(anomalies, world)
  addBaselines(anomalies, world)
  addRules(anomalies, world)
  addRule(anomalies, world)
}

function addList(anomalies: Command, world: CliWorld): void {
  anomalies
    .command('list', { isDefault: true })
    .description('What goes on now; with --period also what is over.')
    .option('--period <period>', 'back from now: 24h, 7d, 30d; or today, week, month')
    .option('--by <dimension>', 'agent when left out')
    .option('--direction <direction>', 'up, down, both')
    .option('--zone <zone>', 'IANA zone of the hours of the week')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: Options) =>
      connected(world, 'stores', async (connection) => {
        const { period, direction } = options
        const input = { ...shared(options), ...given('period', period), ...given('direction', direction) }
        const answer = await ask<AnomaliesAnswer>(connection, 'find_anomalies', input)
        if (options.json === true) return printJson(world, answer)
        for (const { value, history_hours, needed_hours, active_hours, needed_active_hours } of answer.insufficient_history) {
          remark(
            world,
            `Not enough history of ${value ?? '(none)'}: ${history_hours.toFixed(0)} of ${needed_hours} hours, spend in ${active_hours} of ${needed_active_hours}.`,
          )
        }
        if (answer.anomalies.length === 0) return remark(world, `No anomalies among ${answer.examined}.`)
        print(world, renderTable(COLUMNS, answer.anomalies.map(lineOf), terminalWidth(world)))
        if (answer.total > answer.anomalies.length) remark(world, `${answer.total - answer.anomalies.length} more.`)
      }),
    )
}

const COLUMNS = [
  { title: 'who', shrink: true },
  { title: 'what' },
  { title: 'since' },
  { title: 'spent', align: 'right' },
  { title: 'expected', align: 'right' },
  { title: 'likely cause', shrink: true },
] as const

function lineOf(found: AnomalyFound): string[] {
  const { value, kind, severity, state, since, observed_exact, expected_usd, cause } = found
  const share = cause === null || cause.likely === null ? '' : ` (${Math.round(cause.share * 100)} %)`
  return [
    value ?? '(none)',
    `${severity} ${kind}`,
    `${since.slice(0, 10)} ${since.slice(11, 16)}${state === 'active' ? '' : `, ${state}`}`,
    observed_exact === null ? 'unknown' : usd(observed_exact),
    usd(expected_usd.toFixed(4)),
    cause === null ? 'unknown' : `${(cause.likely ?? 'unknown').replace('_', ' ')}${share}`,
  ]
}

function addBaselines(anomalies: Command, world: CliWorld): void {
  anomalies
    .command('baselines')
    .description('What is usually spent in an hour, as learned.')
    .option('--by <dimension>', 'agent when left out')
    .option('--zone <zone>', 'IANA zone of the hours of the week')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: Options) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<LearnedBaselinesAnswer>(connection, 'list_learned_baselines', shared(options))
        if (options.json === true) return printJson(world, answer)
        const rows = answer.baselines.map((line) => [
          line.value ?? '(none)',
          usd(line.usd_per_hour.toFixed(6)),
          usd(line.usd_this_hour.toFixed(6)),
          usd(line.busiest_usd_per_hour.toFixed(6)),
          `${line.basis.replaceAll('_', ' ')}, ${line.weeks} weeks`,
        ])
        if (rows.length === 0) return remark(world, 'Nothing is learned yet: it takes a week of history.')
        print(world, renderTable(BASELINE_COLUMNS, rows, terminalWidth(world)))
      }),
    )
}

const BASELINE_COLUMNS = [
  { title: 'who', shrink: true },
  { title: 'an hour', align: 'right' },
  { title: 'this hour', align: 'right' },
  { title: 'busiest hour', align: 'right' },
  { title: 'known from' },
] as const

function addRules(anomalies: Command, world: CliWorld): void {
  anomalies
    .command('rules')
    .description('What is done about anomalies, and what was.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: Options) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<AnomalyRulesAnswer>(connection, 'list_anomaly_rules', given('organization_id', options.org))
        if (options.json === true) return printJson(world, answer)
        if (answer.rules.length === 0) remark(world, 'No rules: nothing is done. Set one: purser anomalies rule alert')
        for (const rule of answer.rules) print(world, ruleText(rule))
        for (const { agent, since, over_at, what } of answer.episodes) {
          print(world, `${agent}, since ${since.slice(0, 16)}${over_at === null ? '' : `, over ${over_at.slice(0, 16)}`}: ${what}`)
        }
      }),
    )
}

function ruleText({ organization_id, agent, action, severity_min, excess_usd_min }: AnomalyRule): string {
  const least = excess_usd_min === null ? '' : ` and $${excess_usd_min} too much`
  return `${agent === null ? `Every agent of ${organization_id}` : `Agent ${agent}`}: ${action}, from severity ${severity_min}${least} on.`
}

interface RuleOptions {
  readonly agent?: string
  readonly severity?: string
  readonly excess?: string
  readonly zone?: string
  readonly org?: string
}

function addRule(anomalies: Command, world: CliWorld): void {
  anomalies
    .command('rule')
    .description('Say what is done when an agent spends what is not normal for it; off takes the rule away.')
    .argument('<action>', 'alert, throttle, pause, off')
    .option('--agent <name>', 'one agent; without it all that have no rule of their own')
    .option('--severity <severity>', 'from which severity on: low, medium, high, critical')
    .option('--excess <dollars>', 'from how many dollars too much on')
    .option('--zone <zone>', 'IANA zone of the hours of the week')
    .option('--org <id>')
    .action((action: string, { agent, severity, excess, zone, org }: RuleOptions) =>
      connected(world, 'stores', async (connection) => {
        const named = { ...given('agent', agent), ...given('organization_id', org) }
        if (action === 'off') {
          await ask(connection, 'remove_anomaly_rule', named)
          return print(world, 'The rule is removed.')
        }
        const least = excess === undefined ? {} : { excess_usd_min: Number(excess) }
        const input = { ...named, action, ...given('severity_min', severity), ...given('zone', zone), ...least }
        print(world, ruleText(await ask<AnomalyRule>(connection, 'set_anomaly_rule', input)))
      }),
    )
}

function shared({ org, by, zone }: Options): Record<string, string> {
  return { ...given('organization_id', org), ...given('group_by', by), ...given('zone', zone) }
}

function given(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value }
}
