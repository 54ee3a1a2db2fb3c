import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startReceiver } from '../../../../conformance/alerts/receiver.ts'
import { NOW, purser } from '../../../../conformance/cli/purser.ts'
import { testServer } from '../../../../conformance/http/test-server.ts'
import { createInvoke } from '../../operations/index.ts'

describe('purser price', () => {
  it('before a call says what it will cost and the most it can cost', async () => {
    const { code, out } = await purser([
      'price',
      '--model',
      'claude-opus-4-5',
      '--input',
      '1000000',
      '--cached',
      '1000000',
      '--max-output',
      '0',
    ])
    expect(code).toBe(0)
    expect(out).toContain('total   $0.5')
    expect(out).toContain('worst case  $10')
  })

  it('says that a worst case is not known, and shows no zero', async () => {
    const { out } = await purser(['price', '--model', 'my-own-model-7', '--input', '10', '--max-output', '10'])
    expect(out).toContain('total   not known')
    expect(out).toContain('worst case  not known')
  })

  it('after a call says nothing of a worst case', async () => {
    const { out } = await purser(['price', '--model', 'gpt-4o', '--input', '1000', '--output', '500'])
    expect(out).toContain('total   $0.0075')
    expect(out).not.toContain('worst case')
  })

  it.each([
    [['--max-output', '1'], 'An estimate takes --model and --input'],
    [['--model', 'gpt-4o', '--input', '1', '--max-output', '1', '--output', '1'], '--output is known only after it'],
    [['--model', 'gpt-4o', '--input', '1', '--max-output', '1', '--cache-write-1h', '1'], '--cache-write-1h is known only after it'],
    [['--model', 'gpt-4o', '--input', '1', '--max-output', '-1'], '--max-output is "-1"'],
  ])('refuses %j', async (argv, words) => {
    const { code, err } = await purser(['price', ...argv])
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(words)
  })
})

describe('purser rates retract', () => {
  it('takes the card that the history shows out of force', async () => {
    const server = await testServer()
    try {
      const invoke = createInvoke(server.services)
      await purser(['rates', 'set', 'acme-7b', '--input', '3', '--output', '3'], invoke)
      const [, card = ''] = /card ([0-9a-f]{64})/.exec((await purser(['rates', 'history', 'acme-7b'], invoke)).out) ?? []
      const { code, out } = await purser(['rates', 'retract', card, '--reason', 'a slip'], invoke)
      expect(code).toBe(0)
      expect(out).toContain('* acme-7b of set by local is retracted as of ')
      expect((await purser(['rates', 'list', 'acme-7b'], invoke)).err).toContain('No rates for a model named like "acme-7b"')
      expect((await purser(['rates', 'history', 'acme-7b'], invoke)).out).toContain('retracted')
    } finally {
      await server.close()
    }
  })
})

describe('purser budgets', () => {
  it('sets, changes, lists and removes limits', async () => {
    const server = await testServer()
    try {
      const invoke = createInvoke(server.services)
      expect((await purser(['budgets'], invoke)).err).toContain('No budgets')
      const set = await purser(['budgets', 'set', 'agent', 'researcher', '--limit', '1'], invoke)
      expect(set.out).toMatch(/^agent researcher, per day: \$1, hard\. Id /)
      const changed = await purser(['budgets', 'set', 'agent', 'researcher', '--limit', '2', '--mode', 'soft'], invoke)
      expect(changed.out).toContain('$2, soft; it was $1, hard.')
      await purser(['budgets', 'set', 'team', '--limit', '50', '--per', 'month', '--name', 'Teams'], invoke)
      await server.send('POST', '/v1/finops/calls/track', { agent_name: 'researcher', team: 'lab', model: 'gpt-4o', input_tokens: 1_000 })
      const { out } = await purser(['budgets', 'list'], invoke)
      expect(out).toMatch(/agent researcher, per day\s+\$2\.00\s+\$0\.0025\s+\$0\.00\s+\$2\.00\s+soft/)
      expect(out).toContain('Teams: team lab, per month')
      const id = /Id (\S+)/.exec(set.out)?.[1] ?? ''
      expect((await purser(['budgets', 'list', '--ids'], invoke)).out).toContain(id)
      expect((await purser(['budgets', 'remove', id], invoke)).out).toContain('is removed')
      expect((await purser(['budgets', 'set', 'planet', '--limit', '1'], invoke)).code).toBe(1)
    } finally {
      await server.close()
    }
  })
})

describe('purser breakers and agents', () => {
  it('set, list and remove breakers; pause, stop, resume and list agents', async () => {
    const server = await testServer()
    try {
      const invoke = createInvoke(server.services)
      expect((await purser(['breakers'], invoke)).err).toContain('No breakers')
      const rule = ['breakers', 'set', 'agent', '--measure', 'repeats', '--window', '60', '--action', 'block', '--cooldown', '300']
      const set = await purser([...rule, '--limit', '1'], invoke)
      expect(set.out).toMatch(/^each agent: 1 repeats in 60 s, block\. Id /)
      expect((await purser([...rule, '--limit', '2'], invoke)).out).toContain('2 repeats in 60 s, block; it was 1 repeats in 60 s, block.')
      expect((await purser([...rule, '--limit', 'many'], invoke)).err).toContain('--limit takes a whole number')
      const call = { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1_000, prompt_fingerprint: 'h1:the-same' }
      for (const call_id of ['c1', 'c2']) await server.send('POST', '/v1/finops/calls/track', { ...call, call_id })
      expect((await purser(['breakers'], invoke)).out).toMatch(/each agent +2 repeats in 60 s +block +researcher/)
      expect((await purser(['agents', 'pause', 'researcher', '--reason', 'looks odd'], invoke)).out).toContain('is paused; before: active')
      expect((await purser(['agents', 'stop', '--all'], invoke)).code).toBe(1)
      expect((await purser(['agents', 'stop', '--all', '--reason', 'out of hand'], invoke)).out).toContain('All agents of default: stopped')
      const listed = await purser(['agents'], invoke)
      expect(listed.out).toMatch(/researcher +default +paused .* looks odd/)
      expect(listed.err).toContain('All agents of default are stopped')
      expect(listed.err).toContain('Open: repeats of agent researcher (block, until')
      expect((await purser(['agents', 'resume', '--all', '--reason', 'found it'], invoke)).out).toContain('active; before: stopped')
      expect((await purser(['agents', 'resume', 'researcher'], invoke)).out).toContain('is active; before: paused')
      expect((await purser(['agents', 'resume'], invoke)).err).toContain('name one agent to resume, or say --all')
      const id = /Id (\S+)/.exec(set.out)?.[1] ?? ''
      expect((await purser(['breakers', 'remove', id], invoke)).out).toContain('is removed')
    } finally {
      await server.close()
    }
  })
})

describe('purser keys create', () => {
  it('shows the bootstrap key that the first key brings with it, and none with the second', async () => {
    const server = await testServer()
    try {
      const invoke = createInvoke(server.services)
      const first = await purser(['keys', 'create', 'reports', '--org', 'acme'], invoke)
      const [secret = '', admin = '', ...more] = first.out.trim().split('\n')
      expect(more).toEqual([])
      expect(first.err).toContain('is the bootstrap key')
      const statusWith = async (key: string): Promise<number> =>
        (await server.send('GET', '/v1/finops/rates?organization_id=other&limit=1', undefined, { authorization: `Bearer ${key}` })).status
      expect([await statusWith(secret), await statusWith(admin)]).toEqual([403, 200])
      const second = await purser(['keys', 'create', 'more'], invoke)
      expect(second.out.trim().split('\n')).toHaveLength(1)
      expect(second.err).not.toContain('bootstrap')
    } finally {
      await server.close()
    }
  })
})

describe('purser keys', () => {
  it('shows in 80 columns who may do what, when each key was last used, and how it stands', async () => {
    const server = await testServer({ now: () => NOW })
    try {
      const invoke = createInvoke(server.services)
      const made = await purser(
        ['keys', 'create', 'a reporter with a long name', '--org', 'acme', '--agent', 'researcher-of-everything'],
        invoke,
      )
      const [secret = ''] = made.out.split('\n')
      const status = (key: string): Promise<number> =>
        server.send('POST', '/v1/operations/ping', {}, { authorization: `Bearer ${key}` }).then((answer) => answer.status)
      expect(await status(secret)).toBe(200)
      await purser(
        ['keys', 'create', 'idle', '--org', 'acme', '--operations', 'report,read,get_balance', '--expires', '2027-01-31'],
        invoke,
      )
      const signs = ['keys', 'register', 'signer', '--org', 'acme', '--agent', 'S', '--public-key', publicKeyFile()]
      expect((await purser(signs, invoke)).code).toBe(0)
      const { out } = await purser(['keys', '--org', 'acme'], invoke, 80)
      const lines = out.trimEnd().split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
      expect(lines).toHaveLength(5)
      expect(lines[0]).toMatch(/^name +starts with +agent +may +last used +ends +state$/)
      expect(lines[2]).toMatch(new RegExp(`^a rep.*${secret.slice(0, 13)} +research.* report +just now +never +active$`))
      expect(lines[3]).toMatch(/^idle +finops_\S{6} +any +report.* never +2027-01-31 +active$/)
      expect(lines[4]).toMatch(/^signer +ed25519:11qYAY +S +report +never +never +active$/)
      const revoked = await purser(['keys', 'revoke', secret.slice(0, 13)], invoke)
      expect([revoked.code, await status(secret)]).toEqual([0, 401])
      expect((await purser(['keys', '--org', 'acme'], invoke, 80)).out).toMatch(/just now +never +revoked/)
      const all = (await purser(['keys'], invoke, 80)).out
      expect(all).toMatch(/^all organizations\n.*\n.*\nbootstrap .* any +all +never +never +active$/m)
      expect(all).toMatch(/^organization acme\nname /m)
    } finally {
      await server.close()
    }
  })

  it('rotates all of an organization and shows each new secret whole', async () => {
    const server = await testServer({ now: () => NOW })
    try {
      const invoke = createInvoke(server.services)
      const status = (key: string): Promise<number> =>
        server.send('POST', '/v1/operations/ping', {}, { authorization: `Bearer ${key}` }).then((answer) => answer.status)
      const old = (await purser(['keys', 'create', 'one', '--org', 'acme', '--agent', 'A'], invoke)).out.split('\n')[0] ?? ''
      const rotated = await purser(['keys', 'rotate-all', '--org', 'acme', '--grace-seconds', '0'], invoke, 80)
      const fresh = /finops_[\w-]{43}/.exec(rotated.out)?.[0] ?? ''
      expect([rotated.code, await status(old), await status(fresh)]).toEqual([0, 401, 200])
      expect(rotated.err).toContain('1 key rotated')
      const some = await purser(['keys', 'rotate-all', '--org', 'acme', '--agents', 'A,B'], invoke, 80)
      expect([some.code, some.err]).toEqual([1, expect.stringContaining('Not rotated: B')])
      expect(some.out).toMatch(/finops_[\w-]{43}/)
      expect((await purser(['keys', 'rotate-all'], invoke)).code).not.toBe(0)
    } finally {
      await server.close()
    }
  })
})

/** The public key of RFC 8037, A.2. */
function publicKeyFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'purser-key-')), 'public.jwk')
  writeFileSync(file, '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}')
  return file
}

describe('purser report', () => {
  it('says of a line without a known price that its cost is not known, and gives it no share', async () => {
    const server = await testServer()
    try {
      const calls = [
        { agent_name: 'Planner', model: 'gpt-4o', input_tokens: 1000, output_tokens: 500 },
        { agent_name: 'Mystery', model: 'model-nobody-sells', input_tokens: 10, output_tokens: 5 },
      ]
      for (const call of calls) expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
      const { code, out } = await purser(['report', '--by', 'agent'], createInvoke(server.services))
      expect(code).toBe(0)
      expect(out).toMatch(/Planner.*\$0\.0075 +100\.0%/)
      expect(out).toMatch(/Mystery.*not known *\n/)
    } finally {
      await server.close()
    }
  })
})

describe('purser sql', () => {
  it('says in its help where the tables are described', async () => {
    const { code, out } = await purser(['sql', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('docs/sql.md')
  })
})

describe('purser webhooks', () => {
  it('adds, tries, lists and removes receivers, and shows what was told', async () => {
    const server = await testServer()
    const receiver = await startReceiver()
    try {
      const invoke = createInvoke(server.services)
      expect((await purser(['webhooks'], invoke)).err).toContain('No webhooks')
      expect((await purser(['alerts'], invoke)).err).toContain('Nothing was told')
      const added = await purser(['webhooks', 'add', receiver.url, '--agent', 'researcher', '--threshold', '60'], invoke)
      expect(added.out).toMatch(/^whsec_\S+\n$/)
      const id = /Webhook (wh_[^.]+)\./.exec(added.err)?.[1] ?? ''
      expect((await purser(['webhooks', 'test', id], invoke)).out).toMatch(/^Delivered in \d+ ms, answered 200\./)
      receiver.answer(500)
      expect(await purser(['webhooks', 'test', id], invoke)).toMatchObject({ code: 1, err: expect.stringContaining('answered 500') })
      const { out } = await purser(['webhooks', 'list'], invoke)
      expect(out).toMatch(/researcher\s+60 %\s+active/)
      expect(out).not.toContain('whsec_')
      expect((await purser(['webhooks', 'logs', id], invoke)).out).toMatch(/ping\s+1\s+delivered\s+200/)
      await purser(['budgets', 'set', 'agent', 'researcher', '--limit', '0.01'], invoke)
      await server.send('POST', '/v1/finops/calls/track', {
        agent_name: 'researcher',
        model: 'gpt-4o',
        output_tokens: 950,
        input_tokens: 0,
      })
      await receiver.until(3)
      expect((await purser(['alerts'], invoke)).out).toContain('Agent researcher has spent 95 % of its budget per day')
      expect((await purser(['webhooks', 'add', 'mailto:ops@example.com'], invoke)).err).toContain('PURSER_SMTP_URL')
      expect((await purser(['webhooks', 'remove', id], invoke)).out).toContain('is removed')
      expect((await purser(['webhooks', 'logs', id], invoke)).code).toBe(1)
    } finally {
      await server.close()
      await receiver.close()
    }
  })
})
