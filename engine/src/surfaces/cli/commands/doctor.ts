import type { Command } from 'commander'
import { type Finding, runChecks } from '../doctor/checks.ts'
import { print } from '../terminal/print.ts'
import type { CliWorld } from '../world.ts'

const MARKS = { ok: 'ok  ', note: 'note', wrong: 'FAIL' } as const

export function addDoctorCommand(program: Command, world: CliWorld, exit: (code: number) => void): void {
  program
    .command('doctor')
    .description('Check the set-up and say what to do. Exit 1 when something is wrong.')
    .action(async () => {
      const findings: Finding[] = []
      for await (const finding of runChecks(world)) {
        findings.push(finding)
        print(world, `${MARKS[finding.state]}  ${finding.what}`, ...(finding.advice === undefined ? [] : [`      → ${finding.advice}`]))
      }
      const wrong = findings.filter((finding) => finding.state === 'wrong').length
      print(world, '', wrong === 0 ? 'Nothing is wrong.' : `${wrong} thing${wrong === 1 ? ' is' : 's are'} wrong.`)
      if (wrong > 0) exit(1)
    })
}
