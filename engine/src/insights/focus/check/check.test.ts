import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { collected, FocusWorld } from '../../../../../conformance/focus/world.ts'
import { recordedPath, skipReason } from '../../../../../conformance/recorded.ts'
import { createCardBook } from '../../../pricing/index.ts'
import { cardWith, usageWith } from '../../../pricing/test-cards.ts'
import {
  columnsOf,
  FOCUS_VERSIONS,
  type FocusColumn,
  type FocusRow,
  type FocusVersion,
  foreignColumns,
  writtenColumns,
} from '../columns.ts'
import { checkFocus, type FocusCheck, focusRules } from './check.ts'

type Named = Readonly<Record<string, string | null>>

interface Fault {
  readonly rule: string
  readonly row?: number
  readonly set?: Named
  readonly all?: true
  readonly add?: string
  readonly last?: string
  readonly drop?: readonly string[]
  readonly short?: true
  readonly unsupported?: string
  readonly also?: readonly string[]
}

const GOOD: readonly Named[] = table('good').rows
const FAULTS: readonly Fault[] = table('faults').faults
const HEADER = [...columnsOf('1.4').map(({ name }) => name), 'x_AgentId']
const CONDITIONS = columnsOf('1.4').flatMap(({ condition }) => condition ?? [])

function table(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../../../conformance/focus/${name}.json`, import.meta.url), 'utf8'))
}

/** The good file with a fault in it, checked as one that supports everything. */
function checked(fault: Omit<Fault, 'rule'>, version: FocusVersion = '1.4', base = HEADER): FocusCheck {
  const kept = base.filter((name) => name !== fault.last && fault.drop?.includes(name) !== true)
  const header = [...kept, ...(fault.add === undefined ? [] : [fault.add]), ...(fault.last === undefined ? [] : [fault.last])]
  const rows = GOOD.map((row, index): FocusRow => {
    const isMeant = fault.all === true || index === fault.row
    const cells: Named = isMeant ? { ...row, ...fault.set } : row
    const values = header.map((name) => cells[name] ?? null)
    return fault.short === true && index === fault.row ? values.slice(0, -1) : values
  })
  return checkFocus(header, rows, { version, supports: CONDITIONS.filter((condition) => condition !== fault.unsupported) })
}

/** Faults against the rules that each column makes. */
function columnFaults(column: FocusColumn): Fault[] {
  const { name, type, format, values } = column
  const faults: Fault[] = [{ rule: `${name}.present`, drop: [name] }]
  if (!column.nulls) faults.push({ rule: `${name}.not-null`, row: 0, set: { [name]: null } })
  if (values !== undefined)
    faults.push({ rule: `${name}.values`, row: name === 'CommitmentDiscountStatus' ? 2 : 0, set: { [name]: 'Nonsense' } })
  const wrong =
    type === 'decimal'
      ? ['1,000.00', '+1', '$1', '1/2', 'NaN1']
      : type === 'datetime'
        ? ['2026-01-15', '2026-01-15 00:00:00', '2026-02-30T00:00:00Z', '2026-01-15T00:00:00+01:00']
        : []
  const formats =
    format === 'key-value'
      ? ['[]', '{"a":[1]}', '{"a":{}}', '{"a":1,"a":2}', 'a=1']
      : format === 'object'
        ? ['[]', 'x']
        : format === 'unit'
          ? ['token', 'per Token', '1,000 Tokens', 'GB-Month']
          : []
  const currencies = name === 'BillingCurrency' ? ['Credits', 'usd', 'XYZ1'] : format === 'currency' ? [' USD'] : []
  for (const text of [...wrong, ...formats, ...currencies]) faults.push({ rule: `${name}.format`, row: 0, set: { [name]: text } })
  // On the correction, where no product is asked for.
  if (format === 'non-negative') faults.push({ rule: `${name}.not-negative`, row: 5, set: { [name]: '-0.01' } })
  return faults
}

const ALL_FAULTS = [...columnsOf('1.4').flatMap(columnFaults), ...FAULTS]

describe('the check of FOCUS', () => {
  it('finds nothing in a good file', () => {
    const check = checked({})
    expect(check.failed).toEqual([])
    expect(check).toMatchObject({ conformant: true, rows: GOOD.length, columns: { missing: [], custom: ['x_AgentId'] } })
    // What no file can show is said, not passed.
    expect(check.notApplicable.map(({ rule }) => rule)).toEqual([
      'ChargeClass.of-invoiced',
      'InvoiceId.of-invoiced',
      'SkuPriceDetails.per-unit',
    ])
    expect(check.passed.length + check.notApplicable.length).toBe(focusRules('1.4').length)
  })

  it.each(ALL_FAULTS.map((fault) => [fault.rule, JSON.stringify({ ...fault, rule: undefined }), fault] as const))(
    '%s fires on %s alone',
    (rule, _text, fault) => {
      const { failed, conformant } = checked(fault)
      expect(failed.map((failure) => failure.rule).sort()).toEqual([rule, ...(fault.also ?? [])].sort())
      const [failure] = failed.filter((found) => found.rule === rule)
      if (fault.row !== undefined && (failure?.names.length ?? 0) === 0) expect(failure?.rows).toEqual([fault.row + 1])
      expect(conformant).toBe(failed.every(({ severity }) => severity === 'should'))
    },
  )

  it('has a planted fault for every rule that a file can show', () => {
    const planted = new Set(ALL_FAULTS.map(({ rule }) => rule))
    const unseen = checked({}).notApplicable.map(({ rule }) => rule)
    expect(
      focusRules('1.4')
        .map(({ id }) => id)
        .filter((id) => !planted.has(id)),
    ).toEqual(unseen)
    expect(new Set(focusRules('1.4').map(({ id }) => id)).size).toBe(focusRules('1.4').length)
  })

  it('takes what no column is there for as not supported, unless it is said to be', () => {
    const withoutCommitments = writtenColumns('1.4').map(({ name }) => name)
    const rule = 'CommitmentDiscountId.present'
    expect(checkFocus(withoutCommitments, [], { version: '1.4' }).notApplicable.map((not) => not.rule)).toContain(rule)
    const asked = checkFocus(withoutCommitments, [], { version: '1.4', supports: ['Supports commitment discounts'] })
    expect(asked.failed.map((failure) => failure.rule)).toContain(rule)
    // One column of several says that the others are missing.
    const half = checkFocus([...withoutCommitments.filter((name) => !name.startsWith('x_')), 'CommitmentDiscountId'], [], {
      version: '1.4',
    })
    expect(half.failed.map((failure) => failure.rule)).toContain('CommitmentDiscountStatus.present')
  })

  it('asks each version for its own columns', () => {
    expect(columnsOf('1.4')).toHaveLength(65)
    const header = columnsOf('1.2').map(({ name }) => name)
    const providers = { ProviderName: 'AWS', PublisherName: 'Anthropic' }
    const old = (facts: Omit<Fault, 'rule'>) =>
      checked({ all: true, set: providers, ...facts }, '1.2', header).failed.map(({ rule }) => rule)
    expect(old({})).toEqual([])
    expect(old({ drop: ['ProviderName'] })).toEqual(['ProviderName.present'])
    for (const name of foreignColumns('1.2')) expect(old({ add: name })).toEqual(['file.other-version'])
    const draft = checked({ row: 0, set: { SkuPriceDetails: '{"ModelId":"m","Colour":"red"}' } }, '1.5-draft')
    expect(draft.failed.map(({ rule }) => rule)).toEqual(['SkuPriceDetails.keys'])
    expect(checked({ row: 0, set: { SkuPriceDetails: '{"ModelId":"m"}' } }, '1.5-draft').failed).toEqual([])
  })

  it('names the first rows that break a rule and counts them all', () => {
    const rows = Array.from({ length: 30 }, () => HEADER.map((name) => (name === 'BilledCost' ? 'x' : (GOOD[0]?.[name] ?? null))))
    const [failure] = checkFocus(HEADER, rows, { version: '1.4' }).failed
    expect(failure).toMatchObject({ rule: 'BilledCost.format', count: 30, rows: Array.from({ length: 20 }, (_, index) => index + 1) })
  })
})

describe('what Purser writes, checked by it', () => {
  const card = cardWith({
    rates: [
      { meter: 'input', price: '3', per: 1_000_000 },
      { meter: 'output', price: '0.17000000000000001', per: 1_000_000 },
    ],
  })
  const own = cardWith({ organization: 'org', rates: [{ meter: 'input', price: '2', per: 1_000_000 }] })

  it.each(FOCUS_VERSIONS)('keeps every rule of %s that applies', async (version) => {
    const world = new FocusWorld(createCardBook({ cards: [card, own] }))
    const at = Date.UTC(2026, 0, 31, 23, 59)
    const facts = { agent: '=x', team: 'press', user: 'u', tags: { env: 'a "b": c', '': 'd' } }
    const call = world.call(usageWith({ input: 1_000, output: 1_001 }, { at }), facts)
    world.call(usageWith({ input: 10 }, { at, attested: { amount: '0.5', currency: 'USD', by: 'seller' } }))
    world.call(
      usageWith(
        { input: 10 },
        { at, model: 'unheard-of', attested: { amount: '0.5', currency: 'USD', by: 'seller' }, context: { tier: 'flex', region: 'eu' } },
      ),
    )
    const { event } = world.entries[0]!
    if (event.kind !== 'call') throw new TypeError('the first entry is a call')
    world.adjust(
      call,
      { ...event.call.charge, lines: event.call.charge.lines.slice(0, 1), amount: event.call.charge.lines[0]!.amount },
      Date.UTC(2026, 3, 1),
    )
    for (const granularity of ['day', 'hour', 'call'] as const) {
      const rows = await collected(world.export({ version, granularity }).rows)
      const check = checkFocus(
        writtenColumns(version).map(({ name }) => name),
        rows,
        { version },
      )
      expect(check.failed).toEqual([])
      expect(check.rows).toBeGreaterThan(5)
    }
  })
})

const SAMPLE = 'exports/focus/FOCUS-1.0/focus_sample.csv'
const reason = skipReason(SAMPLE)
describe('the official sample of FOCUS 1.0', () => {
  it.skipIf(reason !== null)(
    `breaks the rules of 1.2 that it is older than, and some of its own${reason === null ? '' : `: ${reason}`}`,
    () => {
      const [header = [], ...rows]: string[][] = parse(readFileSync(recordedPath(SAMPLE) ?? '', 'utf8'), { relax_column_count: true })
      const check = checkFocus(header, rows, { version: '1.2' })
      expect(check.rows).toBe(1_000)
      expect(
        Object.fromEntries(check.failed.map(({ rule, count, names }) => [rule, names.length > 0 ? names : count])),
      ).toMatchInlineSnapshot(`
        {
          "BillingPeriodEnd.format": 1000,
          "BillingPeriodStart.format": 1000,
          "ChargeFrequency.values": 7,
          "ChargePeriodEnd.format": 1000,
          "ChargePeriodStart.format": 1000,
          "CommitmentDiscountQuantity.present": [
            "the column CommitmentDiscountQuantity is missing",
          ],
          "CommitmentDiscountUnit.present": [
            "the column CommitmentDiscountUnit is missing",
          ],
          "ConsumedQuantity.usage-only": 2,
          "ConsumedUnit.format": 2,
          "ConsumedUnit.usage-only": 2,
          "ContractedCost.not-null": 7,
          "ContractedCost.product": 38,
          "ContractedUnitPrice.not-negative": 1,
          "EffectiveCost.of-credit": 1,
          "ListCost.product": 490,
          "PricingUnit.format": 2,
          "ServiceSubcategory.present": [
            "the column ServiceSubcategory is missing",
          ],
          "SkuMeter.present": [
            "the column SkuMeter is missing",
          ],
          "SkuPriceDetails.present": [
            "the column SkuPriceDetails is missing",
          ],
          "SkuPriceId.of-priced": 5,
          "file.custom-names": [
            "Id",
          ],
          "file.nulls": 1000,
        }
      `)
    },
  )
})
