import { mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../../conformance/recorded.ts'
import { liteLlmSource } from './litellm.ts'
import { claudeCodeSource, codexSource } from './session-logs.ts'
import type { Imported, ImportSource } from './source.ts'

// Later than any recorded file was written, so that all of them count as complete.
const NOW = Date.UTC(2100, 0, 1)
const world = { env: {}, home: '/nowhere', now: () => NOW }

async function read(source: ImportSource, paths: readonly string[]): Promise<Imported[]> {
  const items: Imported[] = []
  for await (const item of source.read(await source.find(paths), () => {})) items.push(item)
  return items
}

/** Sums as the truth file has them: `input` is uncached input. */
function sums(items: readonly Imported[]): Record<string, Record<string, number>> {
  const byModel: Record<string, Record<string, number>> = {}
  for (const item of items) {
    if (item.kind !== 'call') continue
    const { body } = item
    const read = Number(body.cache_read_tokens ?? 0)
    const write = Number(body.cache_write_tokens ?? 0)
    const sum = byModel[String(body.model)] ?? { requests: 0, input: 0, output: 0, cache_read: 0, cache_write: 0, cache_write_1h: 0 }
    byModel[String(body.model)] = sum
    const add = (name: string, value: number): void => {
      sum[name] = (sum[name] ?? 0) + value
    }
    add('requests', 1)
    add('input', Number(body.input_tokens) - read - write)
    add('output', Number(body.output_tokens))
    add('cache_read', read)
    add('cache_write', write)
    add('cache_write_1h', Number(body.cache_write_1h_tokens ?? 0))
  }
  return byModel
}

type Truth = Record<string, { dedup_last_or_max: unknown; nested_progress_only_ids: Record<string, unknown> }>

const reason = skipReason('agent-sessions/claude-code')
describe.skipIf(reason !== null)(`Claude Code logs${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  it.each(['short.jsonl', 'tool_heavy.jsonl'])('counts each request of %s once, with its whole output', async (file) => {
    const folder = recordedPath('agent-sessions/claude-code') ?? ''
    const truth = JSON.parse(readFileSync(join(folder, '_expected.json'), 'utf8')) as Truth
    expect(sums(await read(claudeCodeSource(world), [join(folder, file)]))).toEqual(truth[file]?.dedup_last_or_max)
  })

  it('adds sub-agents that are only in progress lines', async () => {
    const folder = recordedPath('agent-sessions/claude-code') ?? ''
    const truth = JSON.parse(readFileSync(join(folder, '_expected.json'), 'utf8')) as Truth
    const expected = truth['subagent.jsonl']
    expect(sums(await read(claudeCodeSource(world), [join(folder, 'subagent.jsonl')]))).toEqual({
      ...(expected?.dedup_last_or_max as object),
      ...expected?.nested_progress_only_ids,
    })
  })
})

describe('session logs', () => {
  const line = (output: number): string =>
    `${JSON.stringify({ type: 'assistant', timestamp: '2026-11-20T10:00:00Z', sessionId: 's1', requestId: 'r1', uuid: `u${output}`, cwd: '/home/ann/billing', gitBranch: 'main', message: { id: 'm1', model: 'claude-sonnet-4-5', usage: { input_tokens: 3, output_tokens: output, cache_read_input_tokens: 10, cache_creation_input_tokens: 5, cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 } } } })}\n`

  function logOf(text: string, ageMs: number): string {
    const file = join(mkdtempSync(join(tmpdir(), 'purser-log-')), 'session.jsonl')
    writeFileSync(file, text)
    utimesSync(file, (NOW - ageMs) / 1000, (NOW - ageMs) / 1000)
    return file
  }

  it('reports one call for the lines of one request', async () => {
    const items = await read(claudeCodeSource(world), [logOf(line(1) + line(40), 3_600_000)])
    expect(items).toMatchObject([
      {
        kind: 'call',
        body: {
          input_tokens: 18,
          cache_read_tokens: 10,
          cache_write_tokens: 5,
          output_tokens: 40,
          session_id: 's1',
          project: 'billing',
          tags: { git_branch: 'main' },
          agent_name: 'claude-code',
          provider: 'anthropic',
        },
      },
    ])
  })

  it('leaves a request alone while its file is still being written', async () => {
    const items = await read(claudeCodeSource(world), [logOf(line(1), 5_000)])
    expect(items).toMatchObject([{ kind: 'skipped', line: 1, reason: expect.stringContaining('import again') }])
  })

  it('says where a line is broken', async () => {
    const items = await read(claudeCodeSource(world), [logOf(`{"type":"assis\n${line(7)}`, 3_600_000)])
    expect(items.filter((item) => item.kind === 'skipped')).toMatchObject([{ line: 1, reason: expect.stringContaining('JSON') }])
    expect(items.filter((item) => item.kind === 'call')).toHaveLength(1)
  })

  it('takes the differences of Codex totals', async () => {
    const total = (input: number, output: number, last: [number, number]): string =>
      `${JSON.stringify({ timestamp: '2026-11-20T10:00:00Z', type: 'event_msg', payload: { type: 'token_count', info: { last_token_usage: { input_tokens: last[0], cached_input_tokens: 0, output_tokens: last[1], reasoning_output_tokens: 0, total_tokens: last[0] + last[1] }, total_token_usage: { input_tokens: input, cached_input_tokens: 0, output_tokens: output, reasoning_output_tokens: 0, total_tokens: input + output } } } })}\n`
    const text = `${JSON.stringify({ timestamp: '2026-11-20T09:59:00Z', type: 'turn_context', payload: { model: 'gpt-5.2-codex' } })}\n${total(100, 10, [100, 10])}${total(250, 30, [150, 20])}`
    const items = await read(codexSource(world), [logOf(text, 3_600_000)])
    expect(items.map((item) => item.kind === 'call' && [item.body.model, item.body.input_tokens, item.body.output_tokens])).toEqual([
      ['gpt-5.2-codex', 100, 10],
      ['gpt-5.2-codex', 150, 20],
    ])
  })
})

describe('LiteLLM spend logs', () => {
  const row = {
    request_id: 'req-1',
    startTime: '2025-01-24 09:20:46.847371',
    endTime: '2025-01-24 09:20:47.847371',
    model: 'gpt-4o',
    custom_llm_provider: 'openai',
    prompt_tokens: 10,
    completion_tokens: 20,
    total_tokens: 30,
    spend: 0.000225,
    status: 'success',
    team_id: 'core',
    end_user: 'u1',
  }

  function fileOf(name: string, text: string): string {
    const file = join(mkdtempSync(join(tmpdir(), 'purser-litellm-')), name)
    writeFileSync(file, text)
    return file
  }

  it.each([
    ['spend.json', JSON.stringify([row])],
    ['page.json', JSON.stringify({ data: [row] })],
    ['one.json', JSON.stringify(row)],
    ['lines.jsonl', `${JSON.stringify(row)}\n\n`],
  ])('reads %s', async (name, text) => {
    expect(await read(liteLlmSource(), [fileOf(name, text)])).toMatchObject([
      {
        kind: 'call',
        body: {
          call_id: 'litellm:req-1',
          model: 'gpt-4o',
          input_tokens: 10,
          output_tokens: 20,
          cost_usd: '0.000225',
          latency_ms: 1000,
          team: 'core',
          user_id: 'u1',
        },
      },
    ])
  })

  it('goes on after rows that are none', async () => {
    const items = await read(liteLlmSource(), [fileOf('lines.jsonl', `nonsense\n{"model":"x"}\n${JSON.stringify(row)}\n`)])
    expect(items.map((item) => item.kind)).toEqual(['skipped', 'skipped', 'call'])
  })
})
