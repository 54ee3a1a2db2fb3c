import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { send } from '../../conformance/http/test-server.ts'

const PROGRAM = fileURLToPath(new URL('../bin/purser.js', import.meta.url))
const ADMIN = 'the-operators-own-secret-4711'
const MISPLACED = 'invalid_field'

let folder = ''
let child: ChildProcess
let said = ''
let url = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'purser-secrets-'))
  said = ''
  child = spawn(process.execPath, [PROGRAM, 'serve'], {
    env: { PATH: process.env.PATH ?? '', PURSER_PORT: '0', PURSER_DATA: folder, PURSER_AUTH: 'required', PURSER_ADMIN_KEY: ADMIN },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said += chunk.toString('utf8')
      const found = /takes calls at (http:\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', () => reject(new Error(said)))
  })
})
afterEach(() => {
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Every place in the data folder where one of the texts stands, as bytes. */
function placesOf(texts: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const path = join(folder, file)
    if (!statSync(path).isFile()) return []
    const bytes = readFileSync(path)
    return texts.flatMap((text) => (bytes.includes(text) ? [`${file}: ${text.slice(0, 12)}`] : []))
  })
}

it('the secret of a key is in the answer that makes it, and in no other answer, no log and no file', async () => {
  const admin = { authorization: `Bearer ${ADMIN}` }
  const secrets: string[] = [ADMIN]
  const secretOf = async (path: string, body: object): Promise<string> => {
    const answer = await send(url, 'POST', path, body, admin)
    expect(answer.status, answer.text).toBeLessThan(300)
    const { secret } = answer.body as { secret: string }
    secrets.push(secret)
    return secret
  }
  const made = await send(
    url,
    'POST',
    '/v1/finops/keys',
    { name: 'k', organization_id: 'a', operations: ['report', 'read', 'manage'] },
    admin,
  )
  const { secret, key } = made.body as { secret: string; key: { id: string } }
  secrets.push(secret)
  const fresh = await secretOf(`/v1/finops/keys/${key.id}/rotate`, { grace_seconds: 3_600 })
  const agent = await secretOf('/v1/finops/keys', { name: 'agent', organization_id: 'a', agent: 'A' })
  const spoiled = `${fresh.slice(0, -1)}${fresh.endsWith('A') ? 'B' : 'A'}`
  const call = { agent_name: 'a', model: 'gpt-4o', input_tokens: 10, output_tokens: 5 }
  const mine = { authorization: `Bearer ${fresh}` }
  const requests: [method: string, path: string, body: unknown, headers: Record<string, string>, status: number, code?: string][] = [
    ['POST', '/v1/finops/calls/track', call, mine, 200],
    ['POST', '/v1/finops/calls/track', call, { 'x-api-key': agent }, 200],
    ['POST', '/v1/finops/calls/track', call, { authorization: `Bearer ${spoiled}` }, 401, 'unauthenticated'],
    ['POST', '/v1/finops/calls/track', call, { authorization: `Basic ${fresh}` }, 401, 'unauthenticated'],
    ['GET', `/v1/finops/analytics/agents?api_key=${fresh}`, undefined, {}, 401, 'unauthenticated'],
    ['GET', `/v1/finops/analytics/agents?api_key=${fresh}`, undefined, mine, 400, MISPLACED],
    ['GET', `/v1/finops/analytics/agents?agent=${fresh}`, undefined, mine, 400, MISPLACED],
    ['GET', `/v1/finops/calls/${fresh}`, undefined, mine, 400, MISPLACED],
    ['GET', `/nothing/${fresh}`, undefined, {}, 404, 'not_found'],
    ['DELETE', `/v1/finops/calls/${fresh}`, undefined, mine, 405, 'method_not_allowed'],
    ['POST', `/v1/operations/${fresh}`, {}, mine, 400, MISPLACED],
    ['POST', '/v1/finops/calls/track', { ...call, call_id: fresh }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/calls/track', { ...call, tags: { key: agent } }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/calls/track', { ...call, agent_name: `x ${secret} y` }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/calls/track', call, { ...mine, 'idempotency-key': fresh }, 400, MISPLACED],
    ['POST', '/v1/finops/calls/batch', { calls: [call, { ...call, user_id: fresh }] }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/keys', { name: fresh }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/sql', { sql: `SELECT '${fresh}' FROM nowhere` }, mine, 400, MISPLACED],
    ['POST', '/v1/finops/sql', { sql: `SELECT '${spoiled}' FROM nowhere` }, mine, 400, 'query_refused'],
    ['POST', '/v1/finops/calls/track', `{"agent_name":"${fresh}"`, { ...mine, 'content-type': 'application/json' }, 400, MISPLACED],
    ['POST', '/v1/finops/calls/track', `{"${spoiled}`, { ...mine, 'content-type': 'application/json' }, 400, 'invalid_json'],
    ['POST', '/v1/finops/calls/track', { ...call, [spoiled]: 1 }, mine, 400, 'unknown_field'],
    ['POST', '/v1/finops/calls/track', { ...call, input_tokens: spoiled }, mine, 400, 'invalid_field'],
  ]
  const answered: string[] = []
  for (const [method, path, body, headers, status, code] of requests) {
    const answer = await send(url, method, path, body, headers)
    expect(
      [answer.status, answer.body?.code],
      `${method} ${path.slice(0, 40)} ${JSON.stringify(body)?.slice(0, 60)}: ${answer.text}`,
    ).toEqual([status, code])
    answered.push(answer.text, JSON.stringify(answer.headers))
  }
  for (const path of ['/v1/finops/keys', '/v1/finops/audit', '/v1/finops/calls/x', '/v1/finops/export/report']) {
    answered.push((await send(url, 'GET', path, undefined, admin)).text)
  }
  const all = [...secrets, spoiled]
  for (const one of all) {
    for (const text of answered) expect(text.includes(one), text.slice(0, 300)).toBe(false)
    expect(said.includes(one), 'the log').toBe(false)
  }
  // As it is while the server runs, with its write-ahead logs, and as it is left behind. What is kept is the hash.
  expect(placesOf(['gpt-4o'])).toEqual(expect.arrayContaining(['calls.duckdb.wal: gpt-4o', 'ledger.sqlite-wal: gpt-4o']))
  expect(placesOf(all)).toEqual([])
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(placesOf(['gpt-4o']).length).toBeGreaterThan(1)
  expect(placesOf(all)).toEqual([])
  expect(said.includes('the-operators')).toBe(false)
})
