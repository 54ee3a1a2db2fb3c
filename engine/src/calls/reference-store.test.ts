import { describe, expect, it } from 'vitest'
import { EVERYTHING, START, usd, worldStore } from '../../../conformance/insights/world.ts'

const DAY = 86_400_000

describe('reference store', () => {
  const store = worldStore({
    runs: [
      { runId: 'top', workflow: 'W', startedAt: START, endedAt: START + 5000, success: true },
      { runId: 'below', parentRunId: 'top', workflow: 'V', startedAt: START + 1, success: false, errorCode: 'boom' },
      { runId: 'idle', workflow: 'W', startedAt: START + DAY },
      { runId: 'loop', parentRunId: 'loop', workflow: 'L', startedAt: START + DAY },
    ],
    calls: [
      { callId: 'a', agent: 'A', runId: 'top', cost: '3', inputTokens: 1, fingerprint: 'f' },
      { callId: 'b', agent: 'A', runId: 'below', cost: '1', inputTokens: 9, fingerprint: 'f' },
      { callId: 'c', agent: 'B', runId: 'named-only', sessionId: 's', userId: 'u', cost: null, at: START + DAY },
      { adjusts: 'a', cost: '-0.5' },
      { callId: 'd', organization: 'other', agent: 'B', runId: 'top', cost: '100' },
    ],
  })

  it('sees one organization or all, and a half-open time', async () => {
    const cost = async (query: object): Promise<bigint | undefined> =>
      (await store.aggregate({ ...EVERYTHING, groupBy: [], ...query }))[0]?.cost
    expect(await cost({})).toBe(usd('3.5'))
    expect(await cost({ scope: { allOrganizations: true } })).toBe(usd('103.5'))
    expect(await cost({ from: START + 2000 })).toBe(usd('1'))
    expect(await cost({ to: START + 2000 })).toBe(usd('2.5'))
  })

  it('groups, orders and limits', async () => {
    const keys = async (query: object): Promise<unknown> =>
      (await store.aggregate({ ...EVERYTHING, groupBy: ['agent'], ...query })).map((row) => [row.keys[0], row.calls])
    expect(await keys({ orderBy: 'tokens' })).toEqual([
      ['A', 2],
      ['B', 1],
    ])
    expect(await keys({ orderBy: 'cost', limit: 1 })).toEqual([['A', 2]])
    expect(await keys({ groupBy: ['user'] })).toEqual([
      ['u', 1],
      [null, 2],
    ])
    expect(await keys({ where: [{ dimension: 'user', in: [null] }] })).toEqual([['A', 2]])
    expect(
      (await store.aggregate({ ...EVERYTHING, groupBy: [], bucket: { period: 'day', zone: 'UTC' } })).map((row) => row.bucketStart),
    ).toEqual([START, START + DAY])
  })

  it('lists rows by time or cost, what is unknown below what is free', async () => {
    const ids = async (query: object): Promise<unknown> => (await store.rows({ ...EVERYTHING, limit: 9, ...query })).map((row) => row.seq)
    expect(await ids({ orderBy: 'at' })).toEqual([1, 4, 2, 3])
    expect(await ids({ orderBy: 'cost' })).toEqual([3, 4, 2, 1])
    expect(await ids({ orderBy: 'cost', descending: true, limit: 2, offset: 1 })).toEqual([2, 4])
  })

  it('lists runs with their sums: those only named by calls too, and those without calls by their start', async () => {
    const runs = await store.runs({ ...EVERYTHING, orderBy: 'cost', limit: 9 })
    expect(runs.map((run) => [run.runId, run.cost, run.workflow])).toEqual([
      ['top', usd('2.5'), 'W'],
      ['below', usd('1'), 'V'],
      ['idle', usd('0'), 'W'],
      ['loop', usd('0'), 'L'],
      ['named-only', usd('0'), null],
    ])
    expect((await store.runs({ ...EVERYTHING, failedOnly: true, limit: 9 })).map((run) => run.runId)).toEqual(['below'])
    expect((await store.runs({ ...EVERYTHING, to: START + DAY, limit: 9 })).map((run) => run.runId)).toEqual(['below', 'top'])
    expect(await store.runTotals({ ...EVERYTHING, workflows: ['W', 'no such workflow'] })).toMatchObject([
      {
        workflow: 'W',
        runs: 2,
        succeeded: 1,
        failedRuns: 0,
        endedRuns: 1,
        durationMs: 5000,
        calls: 1,
      },
    ])
  })

  it('gives the tree of a run, of its own organization, and ends on a run that is its own parent', async () => {
    const tree = await store.tree({ ...EVERYTHING, runId: 'top', limit: 9 })
    expect(tree.runs.map((run) => run.runId)).toEqual(['top', 'below'])
    expect(tree.calls.map((row) => row.seq)).toEqual([1, 4, 2])
    expect((await store.tree({ ...EVERYTHING, runId: 'loop', limit: 9 })).runs).toHaveLength(1)
  })

  it('counts the runs of a session', async () => {
    expect(await store.sessions({ ...EVERYTHING, limit: 9 })).toMatchObject([
      { sessionId: 's', userId: 'u', runs: 1, calls: 1, unpriced: 1 },
    ])
  })

  it('finds repeated requests, adjustments included', async () => {
    expect(await store.repeats({ ...EVERYTHING, limit: 9 })).toMatchObject([
      { fingerprint: 'f', agent: 'A', calls: 2, cost: usd('3.5'), repeatedCost: usd('1'), callIds: ['a', 'b'] },
    ])
  })

  it('sums for verification, and speaks no SQL', async () => {
    expect(await store.sums()).toEqual({ watermark: 5, calls: 4, cost: usd('103.5') })
    expect((await store.sumsBySeq(4)).map((bucket) => [bucket.organization, bucket.fromSeq, bucket.calls, bucket.cost])).toEqual([
      ['org_789', 0, 3, usd('4')],
      ['org_789', 4, 0, usd('-0.5')],
      ['other', 4, 1, usd('100')],
    ])
    expect((await store.amounts(2, 4)).map((amount) => amount.callId)).toEqual(['b', 'c'])
    await expect(store.sql({ ...EVERYTHING, text: 'SELECT 1', rowsMax: 1, msMax: 1 })).rejects.toMatchObject({ code: 'query_refused' })
  })
})
