import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { backtestAnomalies } from './anomalies/backtest.ts'
import type { BackTest } from './back-test.ts'
import { cacheBackTest } from './cache/index.ts'
import { forecastDocument } from './forecast/document.ts'

const BACK_TESTS: readonly BackTest[] = [
  { name: 'anomalies', document: 'docs/anomalies.md', run: async (say) => backtestAnomalies(say) },
  cacheBackTest,
  { name: 'forecast', document: 'docs/forecast.md', run: async (say) => forecastDocument(say) },
]

/** `npm run backtest [-- forecast …]`: runs all, or those that are named, and writes their documents. No clock and no chance: the same data give the same text. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => BACK_TESTS.every((test) => test.name !== name))
  if (unknown.length > 0) {
    process.stderr.write(`there is no back-test "${unknown.join('", "')}"; there are ${BACK_TESTS.map(({ name }) => name).join(', ')}\n`)
    process.exitCode = 2
    return
  }
  for (const { name, document, run } of BACK_TESTS) {
    if (names.length > 0 && !names.includes(name)) continue
    process.stdout.write(`${name}\n`)
    const text = await run((line) => process.stdout.write(`  ${line}\n`))
    if (text === null) {
      process.stderr.write(`${document} is left as it was: set PURSER_TEST_DATA to the folder that holds the recorded data\n`)
      process.exitCode = 1
      continue
    }
    writeFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), text)
    process.stdout.write(`${document} written\n`)
  }
}

await main(process.argv.slice(2))
