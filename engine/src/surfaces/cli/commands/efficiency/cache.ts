import type { CacheAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { compact, count, counted, usd } from '../../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld } from '../../world.ts'
import { addSpanOptions, percent, type SpanOptions, spanQuery } from './span-options.ts'

export function addCacheCommand(program: Command, world: CliWorld): void {
  const cache = program.command('cache').description('How well caches of prompts are used, and what another lifetime would have cost.')
  addSpanOptions(cache).action(async (options: SpanOptions) => {
    await connected(world, 'stores', async (connection) => {
      const answer = await ask<CacheAnswer>(connection, 'analyse_cache', spanQuery(options))
      if (options.json === true) printJson(world, answer)
      else printCache(world, answer)
    })
  })
}

function printCache(world: CliWorld, answer: CacheAnswer): void {
  if (answer.total_calls === 0) {
    remark(world, 'No calls in this period.', 'Another one: --last 90d, or --from and --to')
    return
  }
  const width = terminalWidth(world)
  const { examined, cold_calls: cold, input_cost: input, session_overlap: overlap } = answer
  print(
    world,
    `Hit rate ${known(answer.hit_rate)} of ${compact(answer.input_tokens)} input tokens in ${counted(answer.total_calls, 'call')}`,
  )
  print(
    world,
    `Cost of input: ${usd(input.input_exact)}, ${known(input.write_share)} of it for writing to the cache (${counted(input.calls, 'call')})`,
  )
  print(world, '', renderTable(WARMTH, answer.warmth.map(warmthRow), width), '')
  print(
    world,
    `Cold: ${counted(cold.calls, 'call')} of ${count(examined.calls)} looked at, ${compact(cold.written_tokens)} tokens written, ${usd(cold.cost_exact)}`,
  )
  const { first_call, cache_lost, after_5m, after_1h } = cold.by_reason
  if (cold.calls > 0)
    print(world, `  first of its session ${first_call}, cache lost ${cache_lost}, after 5 min ${after_5m}, after an hour ${after_1h}`)
  if (overlap.share !== null)
    print(world, `Sessions: ${percent(overlap.share)} of what ${count(overlap.sessions)} ask was asked in an earlier one`)
  print(world, '', renderTable(SCENARIOS, answer.scenarios.map(scenarioRow), width), '')
  for (const { name, reason, assumption, calls } of answer.scenarios) {
    if (reason !== null) print(world, ...labelled('', `${TITLES[name]}: ${reason}.`, width))
    if (calls.repriced > 0) print(world, ...labelled('', `${TITLES[name]} assumes: ${assumption}`, width))
  }
  for (const text of answer.missing) print(world, ...labelled('', text, width))
}

const WARMTH: readonly Column[] = [
  { title: 'since the call before' },
  { title: 'warm with', shrink: true },
  { title: 'calls', align: 'right' },
  { title: 'hit rate', align: 'right' },
  { title: 'read nothing', align: 'right' },
]

function warmthRow({ gap, warm_with, calls, hit_rate, read_nothing }: CacheAnswer['warmth'][number]): string[] {
  return [gap, warm_with.join(', ') || 'none', count(calls), percent(hit_rate), count(read_nothing)]
}

const TITLES = { longer_ttl: 'a lifetime of 1 h', merged_cold_starts: 'cold starts merged', keep_warm: 'kept warm for 1 h' } as const

const SCENARIOS: readonly Column[] = [
  { title: 'would have saved', shrink: true },
  { title: 'expected', align: 'right' },
  { title: 'least', align: 'right' },
  { title: 'most', align: 'right' },
  { title: 'calls', align: 'right' },
]

function scenarioRow({ name, saving_exact, saving_low_exact, saving_high_exact, calls }: CacheAnswer['scenarios'][number]): string[] {
  return [TITLES[name], usd(saving_exact), usd(saving_low_exact), usd(saving_high_exact), count(calls.repriced)]
}

function known(ratio: number | null): string {
  return ratio === null ? 'not known' : percent(ratio)
}
