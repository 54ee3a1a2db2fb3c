import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import rows from '../../conformance/budgets/http.json' with { type: 'json' }
import { type TestServer, testServer } from '../../conformance/http/test-server.ts'
import { sweepHolds } from '../src/operations/budgets/sweep.ts'

interface Step {
  /** A method and a path under /v1/finops, or `sweep`. */
  readonly do: string
  readonly body: object | null
  /** `ok`, or the code of the refusal. */
  readonly is: string
  readonly path?: string
  /** What the answer has, in part. */
  readonly answer?: object
  /** A key of another organization. */
  readonly as?: 'foreign'
  readonly advanceSeconds?: number
}

const ADMIN = 'operators-own-secret-0123456789'
let server: TestServer
let now = Date.UTC(2026, 5, 15, 12)
beforeAll(async () => {
  server = await testServer({ auth: 'required', adminKey: ADMIN, now: () => now })
})
afterAll(() => server.close())

/** Each row in an organization of its own, with a key of it, beside a key of another one. */
describe('what may be said of budgets and holds, and how it is answered', () => {
  it.each((rows as unknown as { name: string; steps: Step[] }[]).map((row, at) => ({ ...row, at })))('$name', async ({ at, steps }) => {
    const secrets = { own: await keyOf(`own-${at}`), foreign: await keyOf(`foreign-${at}`) }
    for (const step of steps) {
      now += (step.advanceSeconds ?? 0) * 1_000
      if (step.do === 'sweep') {
        expect(await sweepHolds(server.services)).toBeGreaterThan(0)
        continue
      }
      const [method = '', path = ''] = step.do.split(' ')
      const headers = { authorization: `Bearer ${secrets[step.as ?? 'own']}` }
      const answer = await server.send(method, `/v1/finops/${path}`, step.body ?? undefined, headers)
      const is = answer.status < 300 ? 'ok' : answer.body.code
      const wanted = { do: step.do, is: step.is, path: step.path ?? answer.body.path }
      expect({ do: step.do, is, path: answer.body.path }, answer.text).toEqual(wanted)
      if (step.answer !== undefined) expect(answer.body, answer.text).toMatchObject(step.answer)
    }
  })

  it('has left the books as the journal says', async () => {
    const verified = await server.send('POST', '/v1/finops/verify', {}, { authorization: `Bearer ${ADMIN}` })
    expect(verified.body, verified.text).toMatchObject({ ok: true })
  })
})

async function keyOf(organization_id: string): Promise<string> {
  const key = { name: 'k', organization_id, operations: ['report', 'read', 'manage'] }
  const made = await server.send('POST', '/v1/finops/keys', key, { authorization: `Bearer ${ADMIN}` })
  return String(made.body.secret)
}
