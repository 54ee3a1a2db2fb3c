import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { backtestAnomalies } from './anomalies/backtest.ts'
import { backtestCache } from './cache/backtest.ts'
import { forecastDocument } from './forecast/document.ts'

/** A back-test asks questions of the past whose answers are known, and writes what came of it into a document. */
interface Backtest {
  readonly name: string
  readonly document: string
  /** Null where it could not be run whole, because recorded data is not there. */
  readonly run: (say: (line: string) => void) => string | null
}

const BACKTESTS: readonly Backtest[] = [
  { name: 'anomalies', document: 'docs/anomalies.md', run: backtestAnomalies },
  { name: 'cache', document: 'docs/cache.md', run: backtestCache },
  { name: 'forecast', document: 'docs/forecast.md', run: forecastDocument },
]

/** `npm run backtest [-- forecast]`: runs all, or those that are named, and writes their documents. No clock and no chance: the same data give the same text. */
function main(names: readonly string[]): void {
  const unknown = names.filter((name) => BACKTESTS.every((backtest) => backtest.name !== name))
  if (unknown.length > 0) {
    process.stderr.write(`there is no back-test "${unknown.join('", "')}"; there are ${BACKTESTS.map(({ name }) => name).join(', ')}\n`)
    process.exitCode = 2
    return
  }
  for (const { name, document, run } of BACKTESTS) {
    if (names.length > 0 && !names.includes(name)) continue
    process.stdout.write(`${name}\n`)
    const text = run((line) => process.stdout.write(`  ${line}\n`))
    if (text === null) {
      process.stderr.write(`${document} is left as it was: set PURSER_TEST_DATA to the folder that holds the recorded data\n`)
      process.exitCode = 1
      continue
    }
    writeFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), text)
    process.stdout.write(`${document} written\n`)
  }
}

main(process.argv.slice(2))
