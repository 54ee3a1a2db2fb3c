import { Command, CommanderError } from 'commander'
import { addAgentCommands } from './commands/agents.ts'
import { addAnomalyCommands } from './commands/anomalies.ts'
import { addChargebackCommand } from './commands/billing/chargeback.ts'
import { addInvoicesCommand } from './commands/billing/invoices.ts'
import { addBreakerCommands } from './commands/breakers.ts'
import { addBudgetCommands } from './commands/budgets.ts'
import { addDailyCommands } from './commands/daily.ts'
import { addDataCommands } from './commands/data.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addCacheCommand } from './commands/efficiency/cache.ts'
import { addWasteCommand } from './commands/efficiency/waste.ts'
import { addFocusCommands } from './commands/focus/index.ts'
import { addForecastCommand } from './commands/forecast.ts'
import { addGatewayCommands } from './commands/gateway/policies.ts'
import { addImportCommand } from './commands/import.ts'
import { addKeyCommands } from './commands/keys/index.ts'
import { addPriceCommand } from './commands/price.ts'
import { addRatesCommand } from './commands/rates/rates.ts'
import { addReconcileCommand } from './commands/reconcile/index.ts'
import { addReportCommand } from './commands/report.ts'
import { addOutcomesCommand } from './commands/scenarios/outcomes.ts'
import { addWhatIfCommand } from './commands/scenarios/what-if.ts'
import { addSqlCommand } from './commands/sql.ts'
import { addWalletCommands } from './commands/wallets.ts'
import { addWebhookCommands } from './commands/webhooks.ts'
import { remark } from './terminal/print.ts'
import { type CliWorld, CommandFailed } from './world.ts'

/** Runs one command line and gives its exit code: 0 done, 1 failed or found a difference, 2 not understood, 3 compared with others' figures and not the same. */
export async function runCli(world: CliWorld): Promise<number> {
  let code = 0
  const program = buildProgram(world, (exit) => {
    code = exit
  })
  try {
    await program.parseAsync([...world.argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof CommandFailed) {
      remark(world, `purser: ${error.message}`, ...(error.hint === null ? [] : [error.hint]))
      return 1
    }
    throw error
  }
}

function buildProgram(world: CliWorld, exit: (code: number) => void): Command {
  const program = new Command('purser')
    .description('Meters, prices and posts every call that agents make, and explains every number.')
    .version(world.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      getOutHelpWidth: () => world.stdout.columns ?? 80,
      getErrHelpWidth: () => world.stderr.columns ?? 80,
    })
    .showSuggestionAfterError()
  program
    .command('serve')
    .description('Serve the API, the documents and the dashboard until stopped.')
    .action(async () => exit(await world.serve()))
  addImportCommand(program, world, exit)
  addReportCommand(program, world)
  addWhatIfCommand(program, world)
  addOutcomesCommand(program, world)
  addForecastCommand(program, world)
  addChargebackCommand(program, world)
  addWasteCommand(program, world)
  addCacheCommand(program, world)
  addFocusCommands(program, world, exit)
  addReconcileCommand(program, world, exit)
  addInvoicesCommand(program, world)
  addPriceCommand(program, world)
  addRatesCommand(program, world)
  addBudgetCommands(program, world)
  addWebhookCommands(program, world)
  addBreakerCommands(program, world)
  addGatewayCommands(program, world)
  addAnomalyCommands(program, world)
  addAgentCommands(program, world)
  addWalletCommands(program, world)
  addSqlCommand(program, world)
  addDailyCommands(program, world)
  addDataCommands(program, world, exit)
  addKeyCommands(program, world)
  addDoctorCommand(program, world, exit)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  return program
}
