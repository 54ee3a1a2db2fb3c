import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { collected, FocusWorld, named } from '../../../../conformance/focus/world.ts'
import { createCardBook } from '../../pricing/index.ts'
import { cardWith, usageWith } from '../../pricing/test-cards.ts'
import { columnsOf, type FocusRow, writtenColumns } from './columns.ts'
import { focusCsv } from './csv.ts'
import { focusParquet } from './parquet.ts'

const AT = Date.UTC(2026, 0, 15, 10, 20, 30)
const NASTY = ['=x', '+1', '-2', '@cmd', '\tt', "'=x", 'a "quoted", name\nover lines', '=HYPERLINK("http://x")', '－3', 'plain', "it's"]

function nastyWorld(): FocusWorld {
  const card = cardWith({
    rates: [
      { meter: 'input', price: '0.17000000000000001', per: 1_000_000 },
      { meter: 'audio.seconds', price: '0.005', per: 3_600 },
    ],
  })
  const world = new FocusWorld(createCardBook({ cards: [card] }))
  for (const [index, agent] of NASTY.entries()) {
    world.call(
      usageWith({ input: 1_234_567 + index, 'audio.seconds': 7 }, { at: AT, attested: { amount: '0.1', currency: 'USD', by: 'seller' } }),
      { agent },
    )
  }
  return world
}

async function fileOf(rows: AsyncIterable<FocusRow>): Promise<Uint8Array> {
  return Buffer.concat(await collected(focusParquet(rows, '1.4', () => ({ unpriced_calls: '0' }))))
}

/** What DuckDB reads of a file, each value as text. */
async function readByDuckdb(file: Uint8Array, select: string): Promise<unknown[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-focus-'))
  const path = join(folder, 'focus.parquet')
  writeFileSync(path, file)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(select.replace('FILE', `'${path}'`))
    return reader.getRowsJson() as unknown[][]
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('FOCUS as CSV', () => {
  it('is never a formula, has plain negative decimals, and gives every name back', async () => {
    const world = nastyWorld()
    const text = (await collected(focusCsv(world.export().rows, '1.4'))).join('')
    const rows: Record<string, string>[] = parse(text, { columns: true })
    const agents = [...new Set(rows.map((row) => row.ResourceId ?? ''))]
    expect(agents.filter((agent) => /^[=+\-@\t－]/.test(agent))).toEqual([])
    expect(agents.map((agent) => (/^'+[=+\-@\t－]/.test(agent) ? agent.slice(1) : agent))).toEqual(NASTY)
    const written = named(await collected(world.export().rows))
    for (const name of ['BilledCost', 'ContractedCost', 'ListUnitPrice', 'PricingQuantity', 'Tags', 'ChargeClass']) {
      expect(rows.map((row) => row[name])).toEqual(written.map((row) => row[name] ?? ''))
    }
    expect(rows.some((row) => row.BilledCost?.startsWith('-') === true)).toBe(true)
  })

  it('names the columns of its version and nothing else, also without any row', async () => {
    const empty = new FocusWorld(createCardBook({ cards: [] }))
    for (const version of ['1.4', '1.2', '1.5-draft'] as const) {
      const [heading, ...lines] = (await collected(focusCsv(empty.export({ version }).rows, version))).join('').split('\n')
      expect(heading?.split(',')).toEqual(writtenColumns(version).map(({ name }) => name))
      expect(lines).toEqual([''])
    }
  })

  it('writes no column of whole numbers where FOCUS has decimals', async () => {
    const world = new FocusWorld(createCardBook({ cards: [cardWith({ rates: [{ meter: 'request', price: '2', per: 1 }] })] }))
    world.call(usageWith({ request: 3 }, { at: AT }))
    const rows: Record<string, string>[] = parse((await collected(focusCsv(world.export().rows, '1.4'))).join(''), { columns: true })
    const decimals = columnsOf('1.4').filter(({ type }) => type === 'decimal')
    for (const { name } of decimals) for (const row of rows) if ((row[name] ?? '') !== '') expect(row[name]).toMatch(/^\d+\.\d+$/)
    expect(rows[0]?.BilledCost).toBe('6.00')
  })
})

describe('FOCUS as Parquet', () => {
  it('has decimals, timestamps and text, and is read back by DuckDB to the last digit', async () => {
    const world = nastyWorld()
    const file = await fileOf(world.export().rows)
    const types = await readByDuckdb(file, 'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(FILE))')
    const expected = writtenColumns('1.4').map(
      ({ name, type }) => [name, type === 'decimal' ? /^DECIMAL\(38,\d+\)$/ : type === 'datetime' ? /^TIMESTAMP/ : /^VARCHAR$/] as const,
    )
    expect(types.map(([name]) => name)).toEqual(expected.map(([name]) => name))
    for (const [index, [name, type]] of expected.entries()) expect(String(types[index]?.[1]), name).toMatch(type)
    const names = [
      'ResourceId',
      'BilledCost',
      'ContractedUnitPrice',
      'PricingQuantity',
      'ContractedCost',
      'Tags',
      'ChargeClass',
      'SkuPriceId',
    ]
    const read = await readByDuckdb(
      file,
      `SELECT ${names.map((name) => `${name}::VARCHAR`).join(', ')}, epoch_ms(ChargePeriodStart)::VARCHAR FROM read_parquet(FILE)`,
    )
    const written = named(await collected(world.export().rows))
    expect(read.map((row) => row.map(shortened))).toEqual(
      written.map((row) => [...names.map((name) => shortened(row[name])), String(Date.parse(row.ChargePeriodStart ?? ''))]),
    )
  })

  it('is a good file without rows, and says in its metadata what its rows leave out', async () => {
    const file = await fileOf(new FocusWorld(createCardBook({ cards: [] })).export().rows)
    expect(await readByDuckdb(file, 'SELECT count(*)::INT FROM read_parquet(FILE)')).toEqual([[0]])
    const facts = await readByDuckdb(file, 'SELECT decode(key), decode(value) FROM parquet_kv_metadata(FILE)')
    expect(facts).toEqual([
      ['focus_version', '1.4'],
      ['unpriced_calls', '0'],
    ])
  })

  it('comes in pieces, a row group at a time, and is whole when they are put together', async () => {
    const [row] = await collected(nastyWorld().export().rows)
    async function* many(): AsyncGenerator<FocusRow> {
      for (let index = 0; index < 12_345; index++) yield row!
    }
    const pieces = await collected(focusParquet(many(), '1.4'))
    expect(pieces.length).toBe(3)
    expect(await readByDuckdb(Buffer.concat(pieces), 'SELECT count(*)::INT, sum(BilledCost)::VARCHAR FROM read_parquet(FILE)')).toEqual([
      [12_345, expect.any(String)],
    ])
  })
})

/** Decimals without the zeros at their end, as both sides print them differently. */
function shortened(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? value.replace(/\.?0+$/, '') : value
}
