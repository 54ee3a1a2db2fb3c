import { expect, it } from 'vitest'
import { uuidv7Source } from './ids.ts'

it('makes UUIDs of version 7 that carry their time and never repeat', () => {
  let now = Date.parse('2026-11-22T10:00:00.123Z')
  const newId = uuidv7Source(() => now)
  const ids = Array.from({ length: 10_000 }, newId)
  expect(new Set(ids).size).toBe(10_000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)).toBe(now)
  now += 1
  expect(newId() > (ids.toSorted().at(-1) ?? '')).toBe(true)
})

it('does not break on a clock that says nothing', () => {
  expect(uuidv7Source(() => Number.NaN)()).toMatch(/^00000000-0000-7/)
  expect(uuidv7Source(() => -5)()).toMatch(/^00000000-0000-7/)
})
