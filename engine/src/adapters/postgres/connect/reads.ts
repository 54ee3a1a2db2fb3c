import { storedOrganization } from '../rows/stored-text.ts'
import type { Pool, Row } from './pool.ts'

/** What follows the organization in the conditions of a question: `$1` is the first of the values. */
interface Rest {
  readonly and?: string
  /** What follows the conditions: an order. */
  readonly order?: string
  readonly values?: readonly (string | null)[]
}

/**
 * Asks for rows of one organization, or of all. For one, the question is asked by a role that sees no other, under that organization's setting: a
 * condition that was forgotten, or a mistaken one, then shows nothing of anyone else. `select` ends before WHERE.
 */
export type Reads = (organization: string | null, select: string, rest?: Rest) => Promise<readonly Row[]>

export function openReads(books: Pool, tenants: Pool): Reads {
  return (organization, select, { and, order = '', values = [] } = {}) => {
    if (organization === null) return books.ask(`${select}${and === undefined ? '' : ` WHERE ${and}`} ${order}`, values)
    // Said again in the question, so that the index on it is used, and nothing shared is counted as its own.
    const own = `organization = $${values.length + 1}::text`
    const stored = storedOrganization(organization)
    return tenants.pipelined(async (ask) => {
      const set = ask(SET_ORGANIZATION, [stored])
      const rows = await ask(`${select} WHERE ${own}${and === undefined ? '' : ` AND ${and}`} ${order}`, [...values, stored])
      await set
      return rows
    })
  }
}

/** Until the end of the transaction. */
const SET_ORGANIZATION = `SELECT set_config('purser.organization', $1::text, true)`
