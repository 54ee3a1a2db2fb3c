import { expect, it } from 'vitest'
import { refusal } from '../../kernel/index.ts'
import { tellOfLoss } from './gateway.ts'

const DOWN = refusal('unavailable', 'the ledger cannot be written to')
const told = async (settled: Parameters<typeof tellOfLoss>[2]): Promise<string[]> => {
  const faults: string[] = []
  tellOfLoss({ onFault: (error, id) => void faults.push(`${id}: ${error instanceof Error ? error.message : error}`) }, 'req', settled)
  await settled.later
  await Promise.resolve()
  return faults
}
const KNOWN = { costUsd: '1', status: 'exact' }

it('tells of a call that was made and could not be posted, and of no other', async () => {
  expect(await told({ ...KNOWN, refused: null, later: null })).toEqual([])
  expect(await told({ ...KNOWN, refused: DOWN, later: Promise.resolve(null) })).toEqual([])
  const loss = ['req: a call that was made could not be posted: unavailable: the ledger cannot be written to']
  expect(await told({ ...KNOWN, refused: DOWN, later: null })).toEqual(loss)
  expect(await told({ ...KNOWN, refused: DOWN, later: Promise.resolve(DOWN) })).toEqual(loss)
})
