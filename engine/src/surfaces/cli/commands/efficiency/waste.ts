import type { EfficiencyAnswer, WasteAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { count, counted, usd } from '../../terminal/figures.ts'
import { labelled, print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld } from '../../world.ts'
import { addSpanOptions, percent, type SpanOptions, spanQuery } from './span-options.ts'

export function addWasteCommand(program: Command, world: CliWorld): void {
  const waste = program.command('waste').description('What was spent for nothing, how it was found, and the score of efficiency.')
  addSpanOptions(waste).action(async (options: SpanOptions) => {
    await connected(world, 'stores', async (connection) => {
      const query = spanQuery(options)
      const answer = await ask<WasteAnswer>(connection, 'find_waste', query)
      const score = await ask<EfficiencyAnswer>(connection, 'score_efficiency', query)
      if (options.json === true) printJson(world, { ...answer, efficiency: score })
      else printWaste(world, answer, score)
    })
  })
}

function printWaste(world: CliWorld, answer: WasteAnswer, score: EfficiencyAnswer): void {
  const width = terminalWidth(world)
  if (answer.total_calls === 0) {
    remark(world, 'No calls in this period.', 'Another one: --last 90d, or --from and --to')
    return
  }
  if (answer.categories.length === 0) print(world, 'No waste was declared or detected.')
  else {
    const rows = answer.categories.flatMap((category) =>
      category.found.map(({ how, calls, cost_exact }, index) => [
        index === 0 ? category.category : '',
        how,
        count(calls),
        usd(cost_exact),
        index === 0 ? percent(category.share_of_cost) : '',
      ]),
    )
    print(world, renderTable(COLUMNS, rows, width), '')
    for (const { category, found } of answer.categories) {
      for (const { rule, call_ids } of found) {
        print(
          world,
          `${category}:`,
          ...labelled('', `${rule}.`, width),
          ...labelled('', `Dearest: ${call_ids.slice(0, 2).join(', ') || 'none of known price'}`, width),
        )
      }
    }
    print(world, '')
  }
  print(world, `${usd(answer.wasted_exact)} of ${usd(answer.total_cost_exact)} wasted ${percent(answer.share_of_cost)}`.trimEnd())
  print(world, `Efficiency: ${score.score === null ? 'not known' : `${score.score} of 100`}`)
  for (const { part, why } of score.parts) print(world, ...labelled('', `${part}: ${why}`, width))
  for (const { category, why } of answer.declared_only)
    print(world, ...labelled('', `Not detectable, and not declared: ${category}; ${why}.`, width))
  for (const text of answer.missing) print(world, ...labelled('', text, width))
  if (answer.unpriced_calls > 0) print(world, `Without a known price: ${counted(answer.unpriced_calls, 'call')} (purser rates missing)`)
}

const COLUMNS: readonly Column[] = [
  { title: 'category', shrink: true },
  { title: 'found' },
  { title: 'calls', align: 'right' },
  { title: 'cost', align: 'right' },
  { title: 'of all', align: 'right' },
]
