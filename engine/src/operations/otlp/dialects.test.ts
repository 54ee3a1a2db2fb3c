import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { callerOf, callsOf } from '../../../../conformance/otlp/books.ts'
import { doorOf } from '../../../../conformance/otlp/door.ts'
import { AT, logs, type ShortEvent, type ShortSpan, traces } from '../../../../conformance/otlp/payloads.ts'
import { usdOfPicos } from '../../kernel/index.ts'
import type { CallRecord } from '../../ledger/index.ts'

interface Expected {
  readonly [field: string]: unknown
  readonly meters: Readonly<Record<string, number>>
}

interface Case {
  readonly name: string
  readonly resource?: Readonly<Record<string, unknown>>
  readonly spans?: readonly ShortSpan[]
  readonly events?: readonly ShortEvent[]
  readonly calls: readonly Expected[]
}

const cases = JSON.parse(readFileSync(new URL('../../../../conformance/otlp/dialects.json', import.meta.url), 'utf8')) as Case[]

let server: TestServer
beforeAll(async () => {
  server = await testServer({ now: () => AT + 60_000 })
})
afterAll(() => server.close())

/** What a row of the table may say of a call. */
function saying(call: CallRecord): Expected {
  const [inference] = call.usage.inferences
  const { attested, amount, status } = call.charge
  return {
    id: call.id,
    source: call.source,
    seller: call.usage.seller,
    model: call.usage.modelServed ?? call.usage.modelRequested,
    meters: inference?.meters ?? {},
    tier: call.usage.context.tier,
    notes: call.usage.notes.map(({ code }) => code),
    error: call.errorCode,
    status,
    cost: amount === null ? null : usdOfPicos(amount),
    reported: attested === undefined ? undefined : usdOfPicos(attested.amount),
    agent: call.agent,
    user: call.user,
    session: call.session,
    workflow: call.workflow,
    team: call.team,
    project: call.project,
    costCenter: call.costCenter,
    action: call.action,
    tags: call.tags,
  }
}

describe('what each way of speaking means', () => {
  it('covers every row', () => {
    expect(cases.length).toBeGreaterThan(50)
  })

  it.each(cases.map((each, index) => [each.name, each, index] as const))('%s', async (_name, { resource, spans, events, calls }, index) => {
    const organization = `d-${index}`
    const send = doorOf(server.services)
    const shared = resource === undefined ? {} : { resource }
    if (spans !== undefined) await send(callerOf(organization), { signal: 'traces', body: traces({ ...shared, spans }) })
    if (events !== undefined) await send(callerOf(organization), { signal: 'logs', body: logs({ ...shared, events }) })
    const posted = (await callsOf(server.services, organization)).map(saying)
    expect(posted.map(({ source, meters }) => ({ source, meters }))).toEqual(calls.map(({ source, meters }) => ({ source, meters })))
    for (const [at, expected] of calls.entries()) {
      expect(posted[at]).toMatchObject(expected)
      expect(posted[at]?.notes).toEqual(expected.notes ?? [])
    }
  })
})
