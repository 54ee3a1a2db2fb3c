import type { WhatIfAnswer, WhatIfBudgetReplayed, WhatIfChange, WhatIfScenario } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { count, counted, share, usd } from '../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

interface WhatIfOptions {
  readonly swap: readonly string[]
  readonly price: readonly string[]
  readonly drop: readonly string[]
  readonly where: readonly string[]
  readonly tier?: string
  readonly readShare?: string
  readonly cacheRepeats?: string
  readonly dedupe?: string | true
  readonly outputCap?: string
  readonly retries: boolean
  readonly now?: true
  readonly limit?: string
  readonly on?: string
  readonly per: string
  readonly budget?: string
  readonly byHold?: true
  readonly last?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly org?: string
  readonly days?: true
  readonly json?: true
}

export function addWhatIfCommand(program: Command, world: CliWorld): void {
  program
    .command('what-if')
    .description('What calls would have cost if, or with --limit what a budget would have refused.')
    .option('--swap <from=to>', 'another model; only "to" for all calls', collect, [])
    .option('--tier <tier>', 'standard, batch, flex, priority, …')
    .option('--read-share <share>', 'so much of each input from the cache, 0 to 1')
    .option('--cache-repeats <ttl>', 'equal requests within 5m or 1h from the cache')
    .option('--price <model=percent>', 'a percentage on a model, e.g. gpt-4o=-20; only the percentage for all', collect, [])
    .option('--drop <dimension=value>', 'calls that are not made', collect, [])
    .option('--dedupe [hours]', 'equal requests once in so many hours (24)')
    .option('--output-cap <tokens>', 'at most so many tokens of output a call')
    .option('--no-retries', 'requests that failed are not sent again')
    .option('--now', 'at the rates of today')
    .option('--limit <usd>', 'a budget of so much, in place of all the above')
    .option('--on <dimension[=value]>', 'what it is on; without a value each has its own', 'organization')
    .option('--per <period>', 'its period: hour, day, week, month, total, rolling:24h', 'day')
    .option('--budget <id>', 'an existing budget, with another --limit')
    .option('--by-hold', 'decide by what was held for a call')
    .option('--where <dimension=value>', 'only calls with this value, several by commas', collect, [])
    .option('--last <period>', 'back from now: 24h, 7d, 30d', '30d')
    .option('--from <time>', 'from this time or date')
    .option('--to <time>', 'before this time or date')
    .option('--zone <zone>', 'IANA time zone of days and months')
    .option('--org <id>', 'one organization')
    .option('--days', 'a line for each day')
    .option('--json', 'print JSON')
    .action((options: WhatIfOptions) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<WhatIfAnswer>(connection, 'what_if', questionOf(options))
        if (options.json === true) printJson(world, answer)
        else if (answer.scenario !== null) printScenario(world, answer.scenario, options)
        else if (answer.budget !== null) printReplay(world, answer.budget)
      }),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function questionOf(options: WhatIfOptions): object {
  const { last, from, to, zone, org, limit, budget, byHold, now, where } = options
  const isSpan = from !== undefined || to !== undefined
  const changes = changesOf(options)
  const asksBudget = limit !== undefined || budget !== undefined
  if (asksBudget && (changes.length > 0 || now === true)) throw new CommandFailed('a budget is asked about by itself, without changes')
  return {
    ...(isSpan ? { from, to } : { period: last }),
    ...(zone === undefined ? {} : { zone }),
    ...(org === undefined ? {} : { organization_id: org }),
    ...(where.length === 0 ? {} : { where: whereOf(where) }),
    ...(asksBudget
      ? { budget: budgetOf(options), decide_by: byHold === true ? 'hold' : 'cost' }
      : { changes, prices_at: now === true ? 'now' : 'call' }),
  }
}

function budgetOf({ limit, on = 'organization', per, budget, zone }: WhatIfOptions): object {
  const amount = limit === undefined ? {} : { limit_usd: limit }
  if (budget !== undefined) return { budget_id: budget, ...amount }
  const [dimension = '', value] = cut(on)
  return { dimension, ...(value === null ? {} : { value }), period: per, ...(zone === undefined ? {} : { zone }), ...amount }
}

function changesOf(options: WhatIfOptions): WhatIfChange[] {
  const { swap, tier, readShare, cacheRepeats, price, drop, dedupe, outputCap, retries } = options
  const said: object[] = [
    ...swap.map((text) => {
      const [from, to] = cut(text)
      return { swap_model: to === null ? { to: from } : { from, to } }
    }),
    ...(tier === undefined ? [] : [{ tier }]),
    ...(readShare === undefined ? [] : [{ caching: { read_share: Number(readShare) } }]),
    ...(cacheRepeats === undefined ? [] : [{ caching: { repeats: cacheRepeats } }]),
    ...price.map((text) => {
      const [model, percent] = cut(text)
      return { price: percent === null ? { percent: plain(model) } : { model, percent: plain(percent) } }
    }),
    ...(drop.length === 0 ? [] : [{ drop: whereOf(drop) }]),
    ...(dedupe === undefined ? [] : [{ dedupe: dedupe === true ? true : { within_hours: Number(dedupe) } }]),
    ...(outputCap === undefined ? [] : [{ output_cap: Number(outputCap) }]),
    ...(retries ? [] : [{ retries: 'none' }]),
  ]
  // What is not one is refused by the operation, with words.
  return said as WhatIfChange[]
}

function cut(text: string): [string, string | null] {
  const at = text.indexOf('=')
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function plain(percent: string): string {
  return percent.replace(/^\+/, '').replace(/%$/, '')
}

function whereOf(pairs: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [dimension, value] = cut(pair)
      if (value === null) throw new CommandFailed(`"${pair}" is not dimension=value`)
      return [dimension, value.split(',')]
    }),
  )
}

const LINES = 20

function printScenario(world: CliWorld, answer: WhatIfScenario, { days }: WhatIfOptions): void {
  const width = terminalWidth(world)
  if (answer.calls === 0) {
    remark(world, 'No calls in this time.', 'Another one: --last 90d, or --from and --to')
    return
  }
  const lines =
    days === true
      ? answer.by_day.map((line) => ({ ...line, name: line.date }))
      : answer.by_model.map((line) => ({ ...line, name: line.model ?? 'not said' }))
  const columns: Column[] = [
    { title: days === true ? 'day' : 'model', shrink: true },
    ...['calls', 'changed', 'posted', 'what if', 'difference'].map((title) => ({ title, align: 'right' as const })),
  ]
  const rows = lines.slice(0, days === true ? lines.length : LINES)
  const cells = rows.map((line) => [
    line.name,
    count(line.calls),
    count(line.affected_calls),
    usd(line.posted_cost),
    usd(line.cost),
    usd(line.difference),
  ])
  print(world, renderTable(columns, cells, width), '')
  const { cost, posted_cost: posted, difference } = answer
  print(world, `${counted(answer.calls, 'call')} cost ${usd(posted)}. What if: ${usd(cost)}${changeWords(posted, difference)}`)
  const { range } = answer
  if (range?.is_estimate === true)
    print(world, `Between ${usd(range.low)} and ${usd(range.high)}, an estimate: not all calls could be priced again.`)
  for (const { detail, calls, posted_cost: cost_of } of answer.unsaid) {
    print(world, ...labelled('Unsaid', `${counted(calls, 'call')} of ${usd(cost_of)}. ${detail}`, width))
  }
  if (answer.unpriced_calls > 0) print(world, `Without a known price, and in no sum: ${counted(answer.unpriced_calls, 'call')}`)
  if (answer.method === 'sums') print(world, 'Too many calls to look at each: sums of calls were priced.')
  for (const text of answer.assumptions) print(world, ...labelled('Assumed', text, width))
}

function changeWords(posted: string | null, difference: string | null): string {
  if (posted === null || difference === null) return ''
  const change = Number(difference)
  if (change === 0) return ', the same'
  return `, ${usd(difference.replace('-', ''))} ${change < 0 ? 'less' : 'more'}${Number(posted) === 0 ? '' : ` (${share(change, Number(posted))})`}`
}

function printReplay(world: CliWorld, answer: WhatIfBudgetReplayed): void {
  const width = terminalWidth(world)
  const { budget, lines, runs, existing } = answer
  const columns: Column[] = [
    { title: budget.dimension, shrink: true },
    { title: 'period' },
    ...['calls', 'refused', 'of', 'let through'].map((title) => ({ title, align: 'right' as const })),
    { title: 'first refusal' },
  ]
  const rows = lines
    .slice(0, LINES)
    .map((line) => [
      line.value,
      line.period_start === null ? budget.period : line.period_start.slice(0, 10),
      count(line.calls),
      count(line.refused_calls),
      usd(line.refused_cost),
      usd(line.spent),
      line.first_refusal_at === null ? '' : line.first_refusal_at.slice(5, 16).replace('T', ' '),
    ])
  if (rows.length > 0) print(world, renderTable(columns, rows, width), '')
  if (answer.lines_total > LINES) print(world, `Not shown: ${counted(answer.lines_total - LINES, 'line')} (--json)`)
  const part = `${counted(answer.refused_calls, 'call')} of ${count(answer.calls)}, ${usd(answer.refused_cost)} of ${usd(answer.cost)}`
  print(world, `A limit of ${usd(budget.limit_usd)} a ${budget.period} would have refused ${part}`)
  if (runs.with_calls > 0) print(world, `Runs that would have been hit: ${count(runs.hit)} of ${count(runs.with_calls)}`)
  if (existing !== null) print(world, existingWords(existing))
  for (const text of answer.assumptions) print(world, ...labelled('Assumed', text, width))
}

function existingWords({ limit_usd: limit, mode, refused_in: refused }: NonNullable<WhatIfBudgetReplayed['existing']>): string {
  const where = refused.length === 0 ? 'refused nothing' : `refused calls in ${counted(refused.length, 'period')}`
  return `As it is (${usd(limit)}, ${mode}) it has ${where} in this time`
}
