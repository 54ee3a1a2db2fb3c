import type { Pool } from './connect/pool.ts'
import { textIn } from './rows/row-kinds.ts'

/**
 * What was drawn first under a name, by whichever node: the same for all of them, for ever. It is no secret from whoever can read the database, only
 * from those who make requests.
 */
export async function drawnOnce(books: Pool, name: string, drawn: Uint8Array): Promise<Uint8Array> {
  await books.ask('INSERT INTO installation VALUES ($1::text, $2::text) ON CONFLICT DO NOTHING', [name, Buffer.from(drawn).toString('hex')])
  const [row] = await books.ask('SELECT value FROM installation WHERE name = $1::text', [name])
  if (row === undefined) throw new Error(`the database does not keep "${name}"`)
  return Buffer.from(textIn(row, 'value'), 'hex')
}
