import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { assert, parseDecimal, parseInstant } from '../../kernel/index.ts'
import { type FocusRow, type FocusVersion, writtenColumns } from './columns.ts'
import { digitsAt } from './exact.ts'
import { PRODUCT_DECIMALS_MAX } from './unit-price.ts'

/** Rows of one row group: what is held until it is written. */
const ROWS_PER_GROUP = 5_000
const PRECISION = 38
/** Decimals of columns that need fewer, so that more is left for the whole part: money as it is posted, and quantities. */
const SCALES: Readonly<Record<string, number>> = {
  BilledCost: 12,
  EffectiveCost: 12,
  PricingQuantity: 12,
  ConsumedQuantity: 6,
  x_RequestCount: 6,
}

function scaleOf(name: string): number {
  return SCALES[name] ?? PRODUCT_DECIMALS_MAX
}

type Column = ReturnType<typeof writtenColumns>[number]

/**
 * The rows as a Parquet file, in pieces: decimals are DECIMAL with 38 digits, up to 24 of them decimals, which holds every product of a unit price and a quantity exactly; times are timestamps of UTC
 * in milliseconds; everything else is text. Its format is written by the library hyparquet-writer, a row group at a time. What is to be
 * said of the file when it is complete stands in its metadata.
 */
export async function* focusParquet(
  rows: AsyncIterable<FocusRow>,
  version: FocusVersion,
  metadata: () => Readonly<Record<string, string>> = () => ({}),
): AsyncGenerator<Uint8Array> {
  const columns = writtenColumns(version)
  const bytes = new ByteWriter()
  const file = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'cost_and_usage', num_children: columns.length }, ...columns.map(elementOf)],
    createdBy: 'purser',
  })
  let held: FocusRow[] = []
  const write = async (): Promise<void> => {
    await file.write({
      columnData: columns.map((column, index) => ({ name: column.name, data: held.map((row) => storedValue(column, row[index] ?? null)) })),
      rowGroupSize: ROWS_PER_GROUP,
    })
    held = []
  }
  for await (const row of rows) {
    held.push(row)
    if (held.length < ROWS_PER_GROUP) continue
    await write()
    yield taken(bytes)
  }
  if (held.length > 0) await write()
  file.kvMetadata = Object.entries({ focus_version: version, ...metadata() }).map(([key, value]) => ({ key, value }))
  await file.finish()
  yield taken(bytes)
}

/** What has been written since the last time; the file's own offsets go on. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice()
  bytes.index = 0
  return piece
}

function elementOf({ name, type }: Column) {
  const column = { name, repetition_type: 'OPTIONAL' } as const
  if (type === 'decimal') {
    const decimal = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL' } as const
    return { ...column, ...decimal, scale: scaleOf(name), precision: PRECISION }
  }
  if (type === 'datetime') return { ...column, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as const
  return { ...column, type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
}

function storedValue({ name, type }: Column, text: string | null): bigint | Date | string | null {
  if (text === null) return null
  if (type === 'datetime') {
    const at = parseInstant(text)
    assert(at !== null, `${name} is a time`)
    return new Date(at)
  }
  if (type !== 'decimal') return text
  const value = parseDecimal(text)
  assert(value !== null && value.scale <= scaleOf(name), `${name} is a decimal of at most ${scaleOf(name)} places`)
  const digits = digitsAt(value, scaleOf(name))
  assert(digits < 10n ** BigInt(PRECISION) && digits > -(10n ** BigInt(PRECISION)), `${name} has at most ${PRECISION} digits`)
  return digits
}
