import { exec, execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../conformance/recorded.ts'

const PURSER = fileURLToPath(new URL('../bin/purser.js', import.meta.url))
const SLOW_MS = 60_000

let folder = ''
let data = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purser-cli-'))
  data = join(folder, 'data')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the program as a person would, in a process of its own on a data folder of its own. */
function purser(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PURSER_DATA: data, CLAUDE_CONFIG_DIR: join(folder, 'none'), CODEX_HOME: join(folder, 'none') }
  return new Promise((resolve) => {
    execFile(process.execPath, [PURSER, ...args], { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

async function json<T>(...args: readonly string[]): Promise<T> {
  const { out, err } = await purser(...args, '--json')
  expect(err).toBe('')
  return JSON.parse(out) as T
}

interface Report {
  readonly rows: readonly Record<string, unknown>[]
  readonly total_calls: number
  readonly total_cost_exact: string
  readonly unpriced_calls: number
}

const reason = skipReason('agent-sessions/claude-code')

describe.skipIf(reason !== null)(`importing a real session folder${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  it(
    'counts every request once, however often it is imported',
    async () => {
      const logs = recordedPath('agent-sessions/claude-code') ?? ''
      const first = await purser('import', 'claude-code', join(logs, 'tool_heavy.jsonl'), join(logs, 'short.jsonl'))
      expect(first).toMatchObject({ code: 0 })
      expect(first.out).toContain('5 posted')
      const again = await purser('import', 'claude-code', join(logs, 'tool_heavy.jsonl'), join(logs, 'short.jsonl'))
      expect(again.out).toContain('0 posted')
      expect(again.out).toContain('5 had been imported before')
      const report = await json<Report>('report', '--by', 'model')
      // The truth file: 54 + 3 uncached input, 88,231 + 11,515 cache reads, 17,696 + 13,835 one-hour writes, 212 + 13 output tokens.
      expect(report.rows).toMatchObject([{ model: 'claude-opus-4-6', calls: 5 }])
      const picos = 57n * 5_000_000n + 99_746n * 500_000n + 31_531n * 10_000_000n + 225n * 25_000_000n
      expect(report.total_cost_exact).toBe(String(Number(picos) / 1e12))
      expect(await purser('verify')).toMatchObject({ code: 0 })
    },
    SLOW_MS,
  )
})

const spendReason = skipReason('exports/litellm')

describe.skipIf(spendReason !== null)(`importing a real spend log${spendReason === null ? '' : ` (skipped: ${spendReason})`}`, () => {
  it(
    'takes a cost that carries float noise',
    async () => {
      const ran = await purser('import', 'litellm', join(recordedPath('exports/litellm') ?? '', 'spend_logs_payload.json'))
      expect(ran).toMatchObject({ code: 0 })
      expect(ran.out).toContain('1 posted')
      expect(await json<Report>('report', '--by', 'model')).toMatchObject({ total_cost_exact: '0.000225', unpriced_calls: 0 })
    },
    SLOW_MS,
  )
})

describe('verify', () => {
  it(
    'ends with 1 and names the call when analytics differ by one pico-dollar, and rebuild mends it',
    async () => {
      writeFileSync(
        join(folder, 'calls.csv'),
        'call_id,model,input_tokens,output_tokens,timestamp\nc1,gpt-4o,1000,500,2026-11-01\nc2,gpt-4o,2000,10,2026-11-01\n',
      )
      expect(await purser('import', 'csv', join(folder, 'calls.csv'))).toMatchObject({ code: 0 })
      expect(await purser('verify')).toMatchObject({ code: 0 })
      await addOnePico('c2')
      const found = await purser('verify')
      expect(found.code).toBe(1)
      expect(found.out).toContain('c2')
      expect(found.out).not.toContain('call c1')
      expect(found.out).toContain('0.005100000001')
      expect(await purser('rebuild')).toMatchObject({ code: 0 })
      expect(await purser('verify')).toMatchObject({ code: 0 })
    },
    SLOW_MS,
  )
})

async function addOnePico(callId: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(data, 'calls.duckdb'))
  const connection = await instance.connect()
  await connection.run(`UPDATE store.calls SET cost = cost + 0.000000000001 WHERE call_id = '${callId}'`)
  connection.closeSync()
  instance.closeSync()
}

describe('price', () => {
  it(
    "prices a provider's raw stream without making a data folder",
    async () => {
      const file = join(folder, 'stream.txt')
      const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
      writeFileSync(
        file,
        `${event({ id: 'x', object: 'chat.completion.chunk', model: 'gpt-4o-mini-2024-07-18', choices: [{ index: 0, delta: { content: 'hi' } }], usage: null })}${event({ id: 'x', object: 'chat.completion.chunk', model: 'gpt-4o-mini-2024-07-18', choices: [], usage: { prompt_tokens: 53, completion_tokens: 15, total_tokens: 68 } })}data: [DONE]\n\n`,
      )
      const answer = await json<{
        charge: { cost: string; status: string; lines: unknown[] }
        usage: { inferences: { meters: unknown[] }[] }
      }>('price', '--seller', 'openai', '--response', file, '--at', '2026-07-02T01:30:17Z')
      expect(answer.charge).toMatchObject({ cost: '0.00001695', status: 'exact' })
      expect(answer.usage.inferences[0]?.meters).toContainEqual({ meter: 'input', quantity: 53, evidence: 'reported' })
      await expect(import('node:fs').then(({ existsSync }) => existsSync(data))).resolves.toBe(false)
    },
    SLOW_MS,
  )

  it.each([
    [['price'], 'Give --model'],
    [['price', '--model', 'gpt-4o', '--input', '1.5'], '--input is "1.5"'],
    [['price', '--response', 'no-such-file'], 'cannot be read'],
    [['report', '--by', 'colour'], 'unknown_dimension'],
    [['sql', 'DROP TABLE agent_calls'], 'query_refused'],
    [['import', 'fax'], 'is not a source'],
    [['import', 'csv', 'no-such.csv'], 'does not exist'],
    [['import', 'claude-code', 'no-such-folder'], 'does not exist'],
    [['reprot'], 'Did you mean report'],
  ])(
    'says what is wrong with %j',
    async (args, words) => {
      const ran = await purser(...args)
      expect(ran.code).toBeGreaterThan(0)
      expect(ran.err).toContain(words)
      expect(ran.err).not.toContain('    at ')
    },
    SLOW_MS,
  )
})

describe('a reader that stops early', () => {
  it(
    'is no fault of the program',
    async () => {
      const command = `"${process.execPath}" "${PURSER}" rates list --json --limit 1000 | head -n 1`
      const ran = await new Promise<{ out: string; err: string }>((resolve) => {
        exec(command, { env: { ...process.env, PURSER_DATA: data } }, (_, out, err) => resolve({ out, err }))
      })
      expect(ran).toEqual({ out: '{\n', err: '' })
    },
    SLOW_MS,
  )
})

describe('rates', () => {
  it(
    'of your own hold at once, price the past by adjustment, and say where they come from',
    async () => {
      writeFileSync(join(folder, 'calls.csv'), 'call_id,model,input_tokens,output_tokens,timestamp\nc1,acme-7b,1000000,0,2026-11-01\n')
      await purser('import', 'csv', join(folder, 'calls.csv'))
      expect((await purser('rates', 'missing')).out).toContain('acme-7b')
      expect(await json<Report>('report', '--by', 'model')).toMatchObject({ total_cost_exact: null, unpriced_calls: 1 })
      expect(
        await purser(
          'rates',
          'set',
          'acme-7b',
          '--per',
          '1k',
          '--input',
          '0.0003',
          '--output',
          '0.0006',
          '--from',
          'always',
          '--reference',
          'own hardware',
        ),
      ).toMatchObject({ code: 0 })
      expect((await purser('reprice', '--only-unpriced')).out).toContain('1 adjusted by $0.3')
      expect(await json<Report>('report', '--by', 'model')).toMatchObject({ total_cost_exact: '0.3', total_calls: 1, unpriced_calls: 0 })
      expect((await purser('rates', 'history', 'acme-7b')).out).toContain('own hardware')
      expect(await purser('verify')).toMatchObject({ code: 0 })
    },
    SLOW_MS,
  )
})
