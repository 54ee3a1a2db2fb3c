import { openSqlite } from '../src/adapters/sqlite/index.ts'
import { committer } from '../src/ledger/index.ts'
import { callEvent, recordOf, sampleCharge } from '../src/ledger/sample.ts'

/** The process that crash.test.ts kills: posts calls without end and prints the id of each that was acknowledged, one a line. */
const [folder = '', round = '0'] = process.argv.slice(2)
const stores = openSqlite({ folder })
const door = committer(stores.ledger, { head: await stores.ledger.head() })

async function caller(name: number): Promise<void> {
  for (let at = 0; ; at++) {
    const ids = Array.from({ length: 1 + (at % 5) }, (_, item) => `${round}-${name}-${at}-${item}`)
    const commands = ids.map((id, item) =>
      recordOf(`org-${name % 3}`, callEvent({ id, run: `run-${name}`, charge: sampleCharge(BigInt(at * 7 + item + 1)) })),
    )
    const outcomes = await door.submitAll(commands)
    const posted = ids.filter((_, item) => outcomes[item]?.ok)
    if (posted.length !== ids.length) throw new Error('a call was refused')
    process.stdout.write(`${posted.join('\n')}\n`)
  }
}

await Promise.all(Array.from({ length: 16 }, (_, name) => caller(name)))
