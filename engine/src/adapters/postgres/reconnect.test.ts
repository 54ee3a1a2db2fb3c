import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDatabase } from '../../../../conformance/postgres/database.ts'
import { type PostgresServer, startPostgres } from '../../../../conformance/postgres/server.ts'
import { postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { committer } from '../../ledger/index.ts'
import { callEvent, recordOf } from '../../ledger/sample.ts'
import { openPostgres, type PostgresStores } from './index.ts'

// A server of its own is ended and started again here, which nobody does to one that is given.
const skipReason = process.env.PURSER_TEST_DATABASE_URL ? 'needs a PostgreSQL server of its own' : await postgresSkipReason()

describe.skipIf(skipReason !== null)(`a PostgreSQL server that goes away ${skipReason ?? ''}`, () => {
  let server: PostgresServer
  let stores: PostgresStores
  beforeEach(async () => {
    server = await startPostgres()
    stores = await openPostgres(await newDatabase(server.url))
  })
  afterEach(async () => {
    await stores.close()
    await server.stop()
  })

  it('is answered unavailable, and works again when it is back', async () => {
    const door = committer(stores.ledger)
    const post = (id: string) => door.submit(recordOf('org', callEvent({ id })))
    expect((await post('c1')).ok).toBe(true)
    await server.end()
    expect(await post('c2')).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    await expect(stores.ledger.head()).rejects.toThrow()
    await server.restart()
    await expect.poll(async () => (await post('c2')).ok, { timeout: 10_000 }).toBe(true)
    expect(await post('c1')).toMatchObject({ ok: true, value: { replayed: true } })
    expect((await stores.ledger.read(0, 10)).map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('keeps what it answered and nothing else, also when it is ended again and again under load', { timeout: 90_000 }, async () => {
    const door = committer(stores.ledger)
    const acknowledged = new Set<string>()
    const refused = new Set<string>()
    let stop = false
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let at = 0; !stop; at++) {
        const id = `${caller}-${at}`
        const outcome = await door.submit(recordOf('org', callEvent({ id })))
        if (outcome.ok) acknowledged.add(id)
        else if (!outcome.error.detail.includes('not known')) refused.add(id)
      }
    })
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve, 150 + 70 * round))
      await server.restart()
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    stop = true
    await Promise.all(callers)
    const posted = (await stores.ledger.read(0, 1_000_000)).map(({ event }) => (event.kind === 'call' ? event.call.id : ''))
    expect(new Set(posted).size).toBe(posted.length)
    expect([...acknowledged].filter((id) => !posted.includes(id))).toEqual([])
    expect([...refused].filter((id) => posted.includes(id))).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(20)
    expect(refused.size).toBeGreaterThan(0)
  })

  it('calls listeners again when it is back', async () => {
    let heard = 0
    await stores.peers.listen(() => {
      heard += 1
    })
    await server.restart()
    const before = heard
    const door = committer(stores.ledger)
    await expect
      .poll(
        async () => {
          await door.submit(recordOf('org', callEvent({ id: `c${heard}-${Math.floor(performance.now())}` })))
          return heard
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(before + 1)
  })
})
