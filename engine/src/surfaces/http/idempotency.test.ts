import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const CALL = { agent_name: 'a', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 }

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

describe('the same id', () => {
  it('with the same body answers the same, and says that it did', async () => {
    const first = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'one' })
    const again = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'one' })
    expect(first.body).toMatchObject({ replayed: false })
    expect(again.body).toEqual({ ...first.body, replayed: true })
    expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
  })

  it('with another body is refused by the name of the field, and changes nothing', async () => {
    await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'two' })
    const head = server.services.committer.head()
    const other = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'two', output_tokens: 501 })
    expect([other.status, other.body.code, other.body.path]).toEqual([409, 'id_reused', '/output_tokens'])
    expect(server.services.committer.head()).toBe(head)
  })

  it('in two organizations is two calls', async () => {
    const a = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'three', organization_id: 'a' })
    const b = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'three', organization_id: 'b' })
    expect([a.body.replayed, b.body.replayed]).toEqual([false, false])
  })

  it('sent many times at once is posted once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'crowd' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(answers.filter(({ body }) => body.replayed === false)).toHaveLength(1)
  })
})

describe('the Idempotency-Key header', () => {
  it.each([
    ['quoted', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['bare', 'retry-77', 'retry-77'],
    ['with escapes', '"a\\"b\\\\c"', 'a"b\\c'],
  ])('%s, becomes the id', async (_name, header, id) => {
    const first = await server.send('POST', '/v1/finops/calls/track', CALL, { 'idempotency-key': header })
    const again = await server.send('POST', '/v1/finops/calls/track', CALL, { 'idempotency-key': header })
    expect([first.body.call_id, again.body.call_id, again.body.replayed]).toEqual([id, id, true])
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  it('does not replace an id that the body gives', async () => {
    const answer = await server.send('POST', '/v1/finops/calls/track', { ...CALL, call_id: 'mine' }, { 'idempotency-key': 'other' })
    expect(answer.body.call_id).toBe('mine')
  })

  it('works for workflows and for sessions with no body', async () => {
    const workflow = await server.send('POST', '/v1/finops/workflows/start', { workflow_name: 'W' }, { 'idempotency-key': 'wf' })
    const session = await server.send('POST', '/v1/finops/sessions/start', undefined, { 'idempotency-key': 'se' })
    expect([workflow.body.workflow_id, session.body.session_id]).toEqual(['wf', 'se'])
  })

  it('gives the items of a batch ids by their index, so that a retried batch posts nothing twice', async () => {
    const batch = { calls: [CALL, { ...CALL, call_id: 'own' }, { model: 'gpt-4o', input_tokens: -1 }] }
    const first = await server.send('POST', '/v1/finops/calls/batch', batch, { 'idempotency-key': 'batch' })
    const head = server.services.committer.head()
    const again = await server.send('POST', '/v1/finops/calls/batch', batch, { 'idempotency-key': 'batch' })
    expect(first.body).toMatchObject({
      accepted: 2,
      replayed: 0,
      refused: 1,
      results: [{ call_id: 'batch:0' }, { call_id: 'own' }, { code: 'invalid_field' }],
    })
    expect(again.body).toMatchObject({ accepted: 2, replayed: 2, refused: 1, cost: first.body.cost })
    expect(server.services.committer.head()).toBe(head)
  })

  it('that is no id is refused', async () => {
    const answer = await server.send('POST', '/v1/finops/calls/track', CALL, { 'idempotency-key': 'x'.repeat(300) })
    expect([answer.status, answer.body.path]).toEqual([400, '/call_id'])
  })
})
