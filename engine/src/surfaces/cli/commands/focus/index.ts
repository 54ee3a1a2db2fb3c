import type { Command } from 'commander'
import type { CliWorld } from '../../world.ts'
import { addFocusCheck } from './check.ts'
import { addFocusExport } from './export.ts'
import { addFocusReport } from './report.ts'

/** `focus export`, `focus report` and `focus check`: cost and usage as FOCUS describes them. */
export function addFocusCommands(program: Command, world: CliWorld, exit: (code: number) => void): void {
  const focus = program
    .command('focus')
    .description('Cost and usage in FOCUS (FinOps Open Cost and Usage Specification): export, report, check.')
  addFocusExport(focus, world)
  addFocusReport(focus, world, exit)
  addFocusCheck(focus, world, exit)
}
