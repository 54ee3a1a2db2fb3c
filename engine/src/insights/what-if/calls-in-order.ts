import type { CallQuery, CallRow, CallStore } from '../../calls/index.ts'

const PAGE_ROWS = 10_000

/**
 * Every row that a question is about, in the order of time and then of posting, read a page at a time, so that it needs little memory however many there
 * are. Rows of entries after `throughSeq` are left out: they came while this was read, and some pages would have them and others not.
 */
export async function* callsInOrder(
  store: CallStore,
  query: CallQuery,
  throughSeq: number,
  pageRows: number = PAGE_ROWS,
): AsyncGenerator<CallRow> {
  let from = query.from
  let seen = 0
  for (;;) {
    const page = await store.rows({ ...query, ...(from === undefined ? {} : { from }), orderBy: 'at', limit: pageRows, offset: seen })
    for (const row of page) {
      if (row.at === from) seen += 1
      else {
        from = row.at
        seen = 1
      }
      if (row.seq <= throughSeq) yield row
    }
    if (page.length < pageRows) return
  }
}
