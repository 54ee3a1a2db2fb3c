import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryJournal } from '../conformance/calls/memory-journal.ts'
import { openProjection } from '../engine/src/adapters/duckdb/index.ts'
import { PUBLISHED } from '../engine/src/adapters/duckdb/published.ts'
import type { SqlResult } from '../engine/src/calls/index.ts'
import { LIMITS } from '../engine/src/kernel/index.ts'
import { MEANINGS, TABLES } from './sql-words.ts'
import { ROOT } from './tidy/repository.ts'

export const SQL_DOC = 'docs/sql.md'

const INTRODUCTION = `# SQL

Generated from the running engine by \`npx tsx --conditions=@purser/source checks/sql-doc.ts\`; a test fails when it is not current.

\`npx purser sql "SELECT …"\`, or \`POST /v1/finops/sql\` with \`{"sql": "SELECT …"}\`: one read-only SELECT in DuckDB's dialect over the tables and views
below. Anything else is refused with \`query_refused\`. An answer has at most ${LIMITS.sqlRowsMax.toLocaleString('en-US')} rows (\`truncated\` says when there were more) and takes at most
${LIMITS.sqlMsMax / 1_000} seconds. A key of an organization sees the rows of that organization only; \`organization_id\` in the request narrows the rows of a key for all.

Amounts are exact US dollars. In JSON, decimals and 64-bit integers are text. Times are UTC. A cost that is not known is null, never zero, and no
sum contains it: \`unpriced_calls\` says how many calls a sum does not cover.
`

/** Asks a projection in memory, which has no rows and every table and view. */
export async function withEngine<T>(work: (ask: (text: string) => Promise<SqlResult>) => Promise<T>): Promise<T> {
  const { store } = await openProjection({ path: ':memory:', threads: 1 }, memoryJournal([]))
  try {
    return await work((text) => store.sql({ scope: { allOrganizations: true }, text, atLeast: 0, rowsMax: 1, msMax: LIMITS.sqlMsMax }))
  } finally {
    await store.close()
  }
}

/** The text of `docs/sql.md`: every published name with the columns the engine gives it, and a query to begin with. */
export function sqlDoc(): Promise<string> {
  return withEngine(async (ask) => {
    const sections: string[] = []
    for (const name of PUBLISHED) {
      const { columns } = await ask(`SELECT * FROM ${name}`)
      const { about, example } = TABLES[name]
      const rows = columns.map(
        (column) => `| \`${column.name}\` | ${column.type} | ${MEANINGS[name]?.[column.name] ?? MEANINGS.any?.[column.name] ?? ''} |`,
      )
      sections.push(
        `## ${name}\n\n${about}\n\n| column | type | meaning |\n|---|---|---|\n${rows.join('\n')}\n\n\`\`\`sql\n${example}\n\`\`\`\n`,
      )
    }
    return `${INTRODUCTION}\n${sections.join('\n')}`
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(ROOT, SQL_DOC), await sqlDoc())
