import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BackTest } from './back-test.ts'
import { cacheBackTest } from './cache/index.ts'

const BACK_TESTS: readonly BackTest[] = [cacheBackTest]

/** `npm run backtest [-- cache …]`: compares insights with recorded reality and writes a document of each; all of them without a name. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !BACK_TESTS.some((test) => test.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`there is no back-test ${unknown.join(', ')}; there are ${BACK_TESTS.map((test) => test.name).join(', ')}\n`)
    process.exitCode = 2
    return
  }
  for (const test of BACK_TESTS) {
    if (names.length > 0 && !names.includes(test.name)) continue
    process.stdout.write(`${test.name}\n`)
    const text = await test.run((line) => process.stdout.write(`  ${line}\n`))
    if (text === null) {
      process.stderr.write(
        `  recorded data is absent (set PURSER_TEST_DATA to the folder that holds it); ${test.document} is left as it is\n`,
      )
      process.exitCode = 1
      continue
    }
    writeFileSync(fileURLToPath(new URL(`../../${test.document}`, import.meta.url)), text)
    process.stdout.write(`  ${test.document} written\n`)
  }
}

await main(process.argv.slice(2))
