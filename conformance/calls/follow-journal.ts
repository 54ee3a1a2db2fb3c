import { openDuckdbCallStore } from '../../engine/src/adapters/duckdb/index.ts'

/** A process that projects a journal and says how far it is, until it is killed: `follow-journal.ts <duckdb file> <ledger file> <head>`. */
const [path = '', journal = '', head = '0'] = process.argv.slice(2)
const store = await openDuckdbCallStore({ path, journal })
store.notify(Number(head))
for (let watermark = 0; watermark < Number(head); ) {
  watermark = await store.watermark()
  process.stdout.write(`${watermark}\n`)
  await new Promise((resolve) => setTimeout(resolve, 1))
}
await store.close()
