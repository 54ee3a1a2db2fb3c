import { writeFileSync } from 'node:fs'
import { COMMANDS, runCommand } from './commands.ts'
import { addCounts, type Counts, closingLine } from './counts.ts'
import { repositoryFiles } from './tidy/repository.ts'
import { formatViolation, violationsOf } from './tidy/rule.ts'
import { RULES } from './tidy/rules.ts'

/** `npm run check`: every check on the code itself, each with one line, and what is wrong under those that fail. */
function main(): void {
  const results = [...runCommands(), ...runRules()]
  const counts = results.reduce(addCounts, { passed: 0, failed: 0, skipped: 0 })
  const file = process.env.PURSER_COUNTS_FILE
  if (file === undefined) console.log(`\n${closingLine(counts)}`)
  else writeFileSync(file, JSON.stringify(counts))
  process.exitCode = counts.failed === 0 ? 0 : 1
}

function runCommands(): Counts[] {
  return COMMANDS.map((command) => {
    const startedAt = performance.now()
    const outcome = runCommand(command)
    return report(
      outcome.passed,
      command.name,
      `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      outcome.passed ? '' : outcome.output,
    )
  })
}

function runRules(): Counts[] {
  const files = repositoryFiles()
  return RULES.map((rule) => {
    const { seen, unit } = rule.check(files)
    const violations = violationsOf(rule, files)
    return report(violations.length === 0, rule.name, `${seen} ${unit}`, violations.map(formatViolation).join('\n'))
  })
}

function report(passed: boolean, name: string, measure: string, details: string): Counts {
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${measure})`)
  if (details !== '') console.log(details.replace(/^/gm, '        '))
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 }
}

main()
