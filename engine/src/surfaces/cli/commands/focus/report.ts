import type { FocusConformanceAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { conformanceText } from '../../../../operations/index.ts'
import { connected } from '../../connected.ts'
import { printJson, remark } from '../../terminal/print.ts'
import { ask, type CliWorld } from '../../world.ts'
import { type FocusOptions, questionOf, withQuestion } from './question.ts'

export function addFocusReport(focus: Command, world: CliWorld, exit: (code: number) => void): void {
  withQuestion(
    focus.command('report').description('Whether the export keeps every rule, and what is left out of it. Exit 1 when it does not.'),
  )
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: FocusOptions & { readonly json?: boolean }) => {
      await connected(world, 'stores', async (connection) => {
        remark(world, 'Making the export and checking each row …')
        const answer = await ask<FocusConformanceAnswer>(connection, 'focus_conformance', questionOf(options))
        if (json === true) printJson(world, answer)
        else world.stdout.write(conformanceText(answer))
        if (!answer.conformant) exit(1)
      })
    })
}
