import { type Options, stringify } from 'csv-stringify/sync'
import { knownCost, knownTokens, type Measures } from '../../calls/index.ts'
import { picos, sumPicos, usdOfPicos } from '../../kernel/index.ts'
import { type Chargeback, type ChargedLine, chargedCost } from './share.ts'

const ROWS_PER_PIECE = 500
const SUM_COLUMNS = ['traces', 'tokens', 'direct_cost_usd', 'shared_cost_usd', 'cost_usd', 'unpriced_traces'] as const

/** As in reports: what a spreadsheet would take for a formula gets an apostrophe in front; amounts are no text, so a credit stays a number. */
const OPTIONS: Options = { escape_formulas: true, cast: { bigint: (amount) => usdOfPicos(picos(amount)) } }

type Cell = string | number | bigint | null

/**
 * A chargeback as CSV (RFC 4180, with LF), in pieces of some hundred rows: a heading, a line for each value, and one for what nobody is charged. `kind` tells them apart,
 * also where a value is called "unattributed". There is no line of totals, so that a column can be summed up. An unknown amount is an empty cell.
 */
export async function* chargebackCsv(charged: Chargeback, dimension: string): AsyncGenerator<string> {
  let piece: Cell[][] = [[dimension, 'kind', ...SUM_COLUMNS]]
  for (const line of charged.lines) {
    piece.push([line.value, 'attributed', ...cellsOf(line)])
    if (piece.length < ROWS_PER_PIECE) continue
    yield stringify(piece, OPTIONS)
    piece = []
  }
  piece.push(['unattributed', 'unattributed', ...cellsOf(unattributedLine(charged))])
  yield stringify(piece, OPTIONS)
}

/** What nobody is charged, as a line: its own calls, and what rules leave over. */
export function unattributedLine({ unattributed, pools }: Chargeback): ChargedLine {
  return { value: 'unattributed', direct: unattributed, shared: sumPicos(pools.map(({ rest }) => rest)) }
}

/** The cost of a line; null where calls are all that it has, and no price of any is known. */
export function knownCharge(line: ChargedLine): bigint | null {
  return line.shared === 0n ? knownCost(line.direct) : chargedCost(line)
}

function cellsOf(line: ChargedLine): Cell[] {
  const { direct, shared }: { direct: Measures; shared: bigint } = line
  return [direct.calls, knownTokens(direct), knownCost(direct), shared, knownCharge(line), direct.unpriced]
}
