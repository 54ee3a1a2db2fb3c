import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordedPath, skipReason } from '../../../../conformance/recorded.ts'
import { claudeCodeReader, codexReader, readLines, readLinesAsync, type SessionRecord } from '../index.ts'

interface Counts {
  requests: number
  input: number
  output: number
  cache_read: number
  cache_write: number
  cache_write_1h: number
}
type ByModel = Record<string, Counts>
type Expected = Record<string, { dedup_last_or_max: ByModel; nested_progress_only_ids: ByModel }>

const skip = skipReason('agent-sessions/claude-code/_expected.json')
const folder = recordedPath('agent-sessions/claude-code') ?? ''

function linesOf(file: string): string[] {
  return readFileSync(join(folder, file), 'utf8').split('\n')
}

function sums(records: readonly SessionRecord[]): ByModel {
  const byModel: ByModel = {}
  for (const { usage } of records) {
    for (const { model, meters } of usage.inferences) {
      byModel[model] ??= { requests: 0, input: 0, output: 0, cache_read: 0, cache_write: 0, cache_write_1h: 0 }
      const counts = byModel[model]
      const for1h = meters['input.cache_write_1h'] ?? 0
      counts.requests++
      counts.input += meters.input ?? 0
      counts.output += (meters.output ?? 0) + (meters['output.reasoning'] ?? 0)
      counts.cache_read += meters['input.cache_read'] ?? 0
      counts.cache_write += for1h + (meters['input.cache_write_5m'] ?? 0)
      counts.cache_write_1h += for1h
    }
  }
  return byModel
}

describe.skipIf(skip !== null)(`Claude Code logs ${skip ?? ''}`, () => {
  const expected = skip === null ? (JSON.parse(readFileSync(join(folder, '_expected.json'), 'utf8')) as Expected) : {}
  const files = Object.keys(expected)

  it('has the six recorded files', () => {
    expect(files).toHaveLength(6)
  })

  it.each(files)('%s sums to its truth, with the sub-agents seen only in progress lines beside it', (file) => {
    const lines = linesOf(file)
    const { records, skipped } = readLines(claudeCodeReader(), lines)
    const isNested = ({ line }: SessionRecord): boolean => JSON.parse(lines[line - 1] ?? '').type === 'progress'
    expect(sums(records.filter((record) => !isNested(record)))).toEqual(expected[file]?.dedup_last_or_max)
    expect(sums(records.filter(isNested))).toEqual(expected[file]?.nested_progress_only_ids)
    expect(skipped).toEqual([])
  })

  it('counts a sub-agent once when its own file and the progress lines of its parent are read together, in any order', () => {
    const together = files.filter((file) => file.startsWith('258c7280'))
    const read = (order: readonly string[]): ByModel => {
      const reader = claudeCodeReader()
      for (const file of order) {
        reader.open(file)
        for (const line of linesOf(file)) reader.take(line)
      }
      return sums(reader.end().records)
    }
    const truth = read(together)
    expect(truth['claude-sonnet-4-5-20250929']).toEqual(expected[together[1] ?? '']?.dedup_last_or_max['claude-sonnet-4-5-20250929'])
    expect(truth['claude-opus-4-6']?.requests).toBe(153)
    expect(read([...together].reverse())).toEqual(truth)
  })

  it('says who, where and when', () => {
    const [record] = readLines(claudeCodeReader(), linesOf('short.jsonl')).records
    expect(record).toMatchObject({
      source: 'claude-code',
      sessionId: '55604662-cf2a-4331-851a-ec234028f8ca',
      gitBranch: 'master',
      version: '2.1.38',
      isSidechain: false,
      usage: { seller: 'anthropic', context: { tier: 'standard' } },
    })
  })

  it('reads lines as they come', async () => {
    async function* lines(): AsyncGenerator<string> {
      yield* linesOf('short.jsonl')
    }
    expect(await readLinesAsync(claudeCodeReader(), lines())).toEqual(readLines(claudeCodeReader(), linesOf('short.jsonl')))
  })
})

function entry(over: Record<string, unknown> = {}, message: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'assistant',
    timestamp: '2026-02-10T21:11:59.186Z',
    sessionId: 's',
    requestId: 'req_1',
    isSidechain: false,
    message: { id: 'msg_1', model: 'claude-opus-4-6', usage: { input_tokens: 3, output_tokens: 9 }, ...message },
    ...over,
  })
}

describe('Claude Code lines', () => {
  const read = (...lines: string[]) => readLines(claudeCodeReader(), lines)

  it('keeps the largest output of one request, wherever it stands', () => {
    const small = entry({}, { usage: { input_tokens: 3, output_tokens: 1 } })
    for (const lines of [
      [small, entry()],
      [entry(), small],
    ]) {
      expect(read(...lines).records.map(({ usage }) => usage.inferences[0]?.meters)).toEqual([{ input: 3, output: 9 }])
    }
  })

  it.each([
    ['synthetic', entry({}, { model: '<synthetic>' })],
    ['api_error', entry({ isApiErrorMessage: true })],
    ['no_time', entry({ timestamp: 'yesterday' })],
    ['no_id', entry({ requestId: undefined }, { id: undefined })],
    ['cut_off', entry().slice(0, 60)],
  ])('skips and reports a line: %s', (reason, line) => {
    const log = read('{"type":"user"}', line)
    expect(log.records).toEqual([])
    expect(log.skipped).toMatchObject([{ line: 2, reason }])
    expect(log.lines).toBe(2)
  })

  it('tells a broken line in the middle from a half-written last one', () => {
    expect(read('{"half', entry(), '{"half').skipped).toMatchObject([
      { line: 1, reason: 'not_json' },
      { line: 3, reason: 'cut_off' },
    ])
  })

  it('prefers the main chain to a side chain that replays its message under a new request id', () => {
    const replay = entry({ isSidechain: true, requestId: 'req_2' })
    for (const lines of [
      [entry(), replay, replay],
      [replay, replay, entry()],
    ]) {
      const log = read(...lines)
      expect(log.records.map(({ id, isSidechain }) => [id, isSidechain])).toEqual([['msg_1:req_1', false]])
      expect(log.skipped.map(({ reason }) => reason)).toContain('replayed')
    }
  })

  it('keeps a cost that the tool wrote', () => {
    expect(read(entry({ costUSD: 0.12 })).records[0]?.usage.attested).toEqual({
      amount: '0.12',
      currency: 'USD',
      by: 'claude-code costUSD',
    })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(entry()))), (lines) => {
        expect(read(...lines).lines).toBe(lines.length)
        expect(readLines(codexReader(), lines).lines).toBe(lines.length)
      }),
    )
  })
})

function tokenCount(at: string, total: readonly number[] | null, last: readonly number[] | null = null): string {
  const counters = (list: readonly number[]) => ({
    input_tokens: list[0],
    cached_input_tokens: list[1],
    output_tokens: list[2],
    reasoning_output_tokens: list[3],
  })
  const info = {
    ...(total === null ? {} : { total_token_usage: counters(total) }),
    ...(last === null ? {} : { last_token_usage: counters(last) }),
  }
  return JSON.stringify({ timestamp: at, type: 'event_msg', payload: { type: 'token_count', info } })
}

const META = JSON.stringify({
  timestamp: '2026-05-13T09:00:00Z',
  type: 'session_meta',
  payload: { id: 's1', cwd: '/w', git: { branch: 'main' } },
})
const FORK = JSON.stringify({ timestamp: '2026-05-13T09:00:00Z', type: 'session_meta', payload: { id: 's2', forked_from_id: 's1' } })
const TURN = JSON.stringify({ timestamp: '2026-05-13T09:00:00Z', type: 'turn_context', payload: { model: 'gpt-5.2-codex' } })

describe('Codex logs', () => {
  const read = (...lines: string[]) => readLines(codexReader(), lines)
  const meters = (...lines: string[]) => read(...lines).records.map(({ usage }) => usage.inferences[0]?.meters)

  it('counts the difference of cumulative totals, and repeated events once', () => {
    const first = tokenCount('2026-05-13T09:01:00Z', [1000, 250, 125, 75])
    const second = tokenCount('2026-05-13T09:02:00Z', [3500, 750, 425, 275])
    expect(meters(META, TURN, first, first, second)).toEqual([
      { input: 750, 'input.cache_read': 250, output: 50, 'output.reasoning': 75 },
      { input: 2000, 'input.cache_read': 500, output: 100, 'output.reasoning': 200 },
    ])
  })

  it('says which session, where and by which model', () => {
    expect(read(META, TURN, tokenCount('2026-05-13T09:01:00Z', [10, 0, 5, 0])).records[0]).toMatchObject({
      source: 'codex',
      sessionId: 's1',
      cwd: '/w',
      gitBranch: 'main',
      usage: { seller: 'openai', modelServed: 'gpt-5.2-codex' },
    })
  })

  it('takes the event of its own when the total goes back, and reports it when there is none', () => {
    const big = tokenCount('2026-05-13T09:01:00Z', [1000, 0, 100, 0])
    expect(meters(META, big, tokenCount('2026-05-13T09:02:00Z', [50, 0, 5, 0], [50, 0, 5, 0]))[1]).toEqual({ input: 50, output: 5 })
    const log = read(META, big, tokenCount('2026-05-13T09:02:00Z', [50, 0, 5, 0]))
    expect(log.records).toHaveLength(1)
    expect(log.skipped).toMatchObject([{ line: 3, reason: 'counter_went_back' }])
  })

  it('does not count the history that a fork repeats, and counts what comes after it', () => {
    const log = read(
      FORK,
      META,
      tokenCount('2026-05-13T09:00:00.200Z', [1000, 0, 100, 0]),
      tokenCount('2026-05-13T09:00:00.300Z', [2000, 0, 200, 0]),
      tokenCount('2026-05-13T09:05:00Z', [2500, 0, 250, 0]),
    )
    expect(log.records.map(({ sessionId, usage }) => [sessionId, usage.inferences[0]?.meters])).toEqual([
      ['s2', { input: 500, output: 50 }],
    ])
    expect(log.skipped.map(({ reason }) => reason)).toEqual(['replayed', 'replayed'])
  })

  it('refuses counters that are no counts', () => {
    expect(read(META, tokenCount('2026-05-13T09:01:00Z', [-5, 0, 1, 0])).skipped).toMatchObject([{ reason: 'invalid_counter' }])
  })

  it('names an event without model', () => {
    expect(read(META, tokenCount('2026-05-13T09:01:00Z', [5, 0, 1, 0])).records[0]?.usage.notes).toMatchObject([{ code: 'model_missing' }])
  })
})

describe.skipIf(skip !== null)(`logs of other tools' tests ${skip ?? ''}`, () => {
  const fixtures = recordedPath('agent-sessions/ccusage-fixtures/fixtures') ?? ''
  const filesUnder = (path: string): string[] =>
    readdirSync(path).flatMap((name) => (statSync(join(path, name)).isDirectory() ? filesUnder(join(path, name)) : [join(path, name)]))

  it('reads the Codex fixture as its own `last_token_usage` says', () => {
    const [file] = filesUnder(join(fixtures, 'codex'))
    const log = readLines(codexReader(), readFileSync(file ?? '', 'utf8').split('\n'))
    expect(log.records.map(({ usage }) => [usage.modelServed, usage.inferences[0]?.meters])).toEqual([
      ['gpt-5.2-codex', { input: 750, 'input.cache_read': 250, output: 50, 'output.reasoning': 75 }],
      ['gpt-5.3-codex', { input: 2000, 'input.cache_read': 500, output: 100, 'output.reasoning': 200 }],
    ])
  })

  it('reads the Claude fixtures, whose lines have no type', () => {
    const reader = claudeCodeReader()
    for (const file of filesUnder(join(fixtures, 'claude')).sort()) {
      reader.open(file)
      for (const line of readFileSync(file, 'utf8').split('\n')) reader.take(line)
    }
    const { records } = reader.end()
    expect(records.map(({ id }) => id)).toEqual([
      'msg-alpha-1:req-alpha-1',
      'msg-alpha-2:req-alpha-2',
      'msg-alpha-3:req-alpha-3',
      'msg-beta-1:req-beta-1',
      'msg-beta-2:req-beta-2',
    ])
    expect(records.map(({ usage }) => usage.context.tier ?? null)).toEqual([null, 'fast', null, null, null])
    expect(sums(records)['claude-haiku-4-5-20251001']).toMatchObject({ input: 130, output: 60, cache_read: 40, cache_write: 15 })
  })
})
