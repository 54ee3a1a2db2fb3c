import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { picos } from '../kernel/index.ts'
import { decide } from './decide.ts'
import { applyChanges, NO_ROWS } from './memory-rows.ts'
import type { Command, CommandEvent, JournalEntry } from './records.ts'
import { adjustmentEvent, recordOf, sampleCall, sampleCharge, sampleUsage } from './sample.ts'

interface Case {
  readonly name: string
  readonly steps: readonly string[]
  readonly accounts?: Readonly<Record<string, string>>
}

const folder = new URL('../../../conformance/ledger/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))

describe.each(files)('conformance/ledger/%s', (file) => {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: Case[] }

  it.each(cases)('$name', ({ steps, accounts }) => {
    const parsed = steps.map(stepOf)
    const commands = parsed.map(({ command }) => command)
    const whole = decide(NO_ROWS, commands)
    expect(whole.outcomes.map(outcomeText)).toEqual(parsed.map(({ outcome }) => outcome))

    let state = NO_ROWS
    for (const { command, outcome, checks } of parsed) {
      const one = decide(state, [command])
      expect(one.outcomes.map(outcomeText)).toEqual([outcome])
      state = applyChanges(state, one.changes)
      const [result] = one.outcomes
      for (const [name, value] of checks) expect(result?.ok && factOf(result.value.entry, name), name).toBe(value)
    }
    expect(state).toEqual(applyChanges(NO_ROWS, whole.changes))
    if (accounts === undefined) return
    const books = [...state.accounts.values()].map(
      ({ organization, account, debits, credits }) => [`${organization} ${account}`, `${debits} ${credits}`] as const,
    )
    expect(Object.fromEntries(books)).toEqual(accounts)
  })
})

it('the truth tables are there', () => {
  expect(files.length).toBeGreaterThanOrEqual(5)
})

it('refuses a run deeper than the limit, and allows one at it', () => {
  const starts = Array.from({ length: 65 }, (_, at) =>
    stepOf(`run_start r${at}${at === 0 ? '' : ` parentRun=r${at - 1}`} => posted ${at + 1}`),
  )
  const { outcomes } = decide(
    NO_ROWS,
    starts.map(({ command }) => command),
  )
  expect(outcomes.slice(0, 64).every((outcome) => outcome.ok)).toBe(true)
  expect(outcomes.map(outcomeText).at(-1)).toBe('refused too_deep /parent_workflow_id')
})

function stepOf(step: string): { command: Command; outcome: string; checks: [string, string][] } {
  const [command = '', expected = ''] = step.split(' => ')
  const [kind = '', id = '', ...words] = command.split(' ')
  const facts = new Map(words.map(pairOf))
  const organization = facts.get('org') ?? 'org'
  const keyFacts = [...facts].filter(([name]) => name.startsWith('key.'))
  const key = (name: string): string | null => facts.get(`key.${name}`) ?? null
  const outcomeWords = expected.split(' ')
  return {
    command: {
      ...recordOf(organization, eventOf(kind, id, facts)),
      ...(keyFacts.length === 0 ? {} : { keyAttribution: { team: key('team'), project: key('project'), costCenter: key('costCenter') } }),
    },
    outcome: outcomeWords.filter((word) => !word.includes('=')).join(' '),
    checks: outcomeWords.filter((word) => word.includes('=')).map(pairOf),
  }
}

function pairOf(word: string): [string, string] {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}

function eventOf(kind: string, id: string, facts: ReadonlyMap<string, string>): CommandEvent {
  const text = (name: string): string | null => facts.get(name) ?? null
  const said = {
    agent: text('agent'),
    user: text('user'),
    session: text('session'),
    workflow: text('workflow'),
    team: text('team'),
    project: text('project'),
    costCenter: text('costCenter'),
    action: text('action'),
    tags: Object.fromEntries([...facts].filter(([name]) => name.startsWith('tag.')).map(([name, value]) => [name.slice(4), value])),
  }
  const timed = { id, at: Number(facts.get('at') ?? 1_767_225_600_000), atGiven: facts.has('at') }
  const success = facts.get('success') !== 'false'
  const errorCode = text('errorCode')
  switch (kind) {
    case 'call':
      return { kind, call: { ...sampleCall({ ...timed, success, errorCode, ...said }), ...callFacts(facts) } }
    case 'run_start':
      return { kind, run: { ...timed, ...said, parentRun: text('parentRun') } }
    case 'run_end':
      return { kind, run: { ...timed, success, errorCode } }
    case 'session_start':
      return { kind, session: { ...timed, ...said } }
    case 'session_end':
      return { kind, session: timed }
    default:
      expect(kind).toBe('adjustment')
      return adjustmentEvent({ id, call: text('call') ?? '', charge: chargeOf(facts), delta: picos(BigInt(text('delta') ?? '')) })
  }
}

function callFacts(facts: ReadonlyMap<string, string>) {
  const meters: Record<string, number> = {}
  for (const [name, meter] of [
    ['input', 'input'],
    ['output', 'output'],
    ['cached', 'input.cache_read'],
  ] as const) {
    const count = facts.get(name)
    if (count !== undefined) meters[meter] = Number(count)
  }
  return {
    run: facts.get('run') ?? null,
    parentCall: facts.get('parentCall') ?? null,
    key: facts.get('key') ?? null,
    source: facts.get('source') ?? 'api',
    fingerprint: facts.get('fingerprint') ?? null,
    latencyMs: facts.has('latencyMs') ? Number(facts.get('latencyMs')) : null,
    usage: { ...sampleUsage(meters, facts.get('seller')), modelRequested: facts.get('model') ?? 'gpt-4o' },
    charge: chargeOf(facts),
  }
}

function chargeOf(facts: ReadonlyMap<string, string>) {
  const cost = facts.get('cost') ?? '1'
  return sampleCharge(cost === '?' ? null : BigInt(cost))
}

function outcomeText(outcome: ReturnType<typeof decide>['outcomes'][number]): string {
  if (!outcome.ok) return `refused ${outcome.error.code} ${outcome.error.path}`
  const { entry, replayed } = outcome.value
  return `${replayed ? 'replayed' : 'posted'} ${entry.seq}${entry.late === true && !replayed ? ' late' : ''}`
}

function factOf({ event }: JournalEntry, name: string): string {
  const of =
    event.kind === 'call' ? event.call : event.kind === 'run_start' ? event.run : event.kind === 'session_start' ? event.session : null
  if (of === null) return 'no attribution'
  const value = name.startsWith('tag.') ? of.tags[name.slice(4)] : of[name as 'agent']
  return value ?? '-'
}
