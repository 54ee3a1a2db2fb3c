import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { retail } from './data.ts'
import { errorRow } from './document.ts'
import { figuresOf } from './figures.ts'

const DOCUMENT = fileURLToPath(new URL('../../../docs/forecast.md', import.meta.url))
const skip = skipReason('series/retail_sales_monthly.csv')

describe('docs/forecast.md', () => {
  it.skipIf(skip !== null)(`says of a series what its questions come to today ${skip ?? ''}`, () => {
    const source = retail()
    const figures = figuresOf(source)
    expect(readFileSync(DOCUMENT, 'utf8').split('\n')).toContain(errorRow({ source, figures }))
    expect(figures.errors.ours ?? 1).toBeLessThan(figures.errors.runRate ?? 0)
  })
})
