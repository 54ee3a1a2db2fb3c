import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { backtestAnomalies } from './anomalies/backtest.ts'

/** A question that is put to recorded or simulated history, and the document that its answer is written to; null: the recorded data is not there. */
interface Backtest {
  readonly document: string
  readonly run: (say: (line: string) => void) => string | null
}

const BACKTESTS: ReadonlyMap<string, Backtest> = new Map([['anomalies', { document: 'anomalies.md', run: backtestAnomalies }]])

/** `npm run backtest [-- anomalies]`: runs those that are named, or all, and writes a document for each. */
function main(names: readonly string[]): void {
  const say = (line: string): void => {
    process.stdout.write(`  ${line}\n`)
  }
  for (const name of names.length === 0 ? BACKTESTS.keys() : names) {
    const backtest = BACKTESTS.get(name)
    if (backtest === undefined) {
      process.stderr.write(`there is no back-test "${name}"; there are ${[...BACKTESTS.keys()].join(', ')}\n`)
      process.exitCode = 2
      return
    }
    process.stdout.write(`${name}\n`)
    const text = backtest.run(say)
    if (text === null) {
      process.stderr.write('the recorded data is not there: set PURSER_TEST_DATA to the folder that holds it\n')
      process.exitCode = 1
      return
    }
    writeFileSync(fileURLToPath(new URL(`../../docs/${backtest.document}`, import.meta.url)), text)
    say(`docs/${backtest.document} written`)
  }
}

main(process.argv.slice(2))
