import { picos } from '../../src/kernel/index.ts'
import type {
  Adjustment,
  AgentChange,
  Attribution,
  CallRecord,
  Command,
  CommandEvent,
  HoldPlan,
  RecordEvent,
  RunEnd,
  RunStart,
  SessionEnd,
  SessionStart,
  Transfer,
} from '../../src/ledger/index.ts'
import { type Books, mention, move, nameOf, type Posting } from './books.ts'
import { letGo, pausesOf, ruleOfAgentState, ruleOfBreakerRemove, ruleOfBreakerSet, ruleOfBreakerSweep, watchCall } from './breaker-rules.ts'
import type { LiveHold } from './budget-books.ts'
import { ruleOfBudgetRemove, ruleOfBudgetSet, spend } from './budget-rules.ts'
import { ruleOfHold, ruleOfHoldExpire, ruleOfHoldExtend, ruleOfHoldVoid } from './hold-rules.ts'
import { inherited, lineOf } from './inheritance.ts'
import type { Outcome, Refused } from './outcome.ts'
import { differences } from './said.ts'
import { ruleOfEscrowEnd, ruleOfEscrowOpen, ruleOfWalletOpen, ruleOfWalletTransfer, walletOf } from './wallet-rules.ts'

/** What the answer must be; a refusal must name one of the pointers, if any. */
export type Expected =
  | { readonly answer: 'posted' | 'replayed'; readonly posting: Posting }
  | {
      readonly answer: 'refused'
      readonly code: string
      readonly pointers: readonly string[]
      readonly facts: Pick<Refused, 'facts' | 'breakers'> | null
    }

/** Decides a command in the auditor's own way, and keeps what it would have posted. */
export function expect(books: Books, command: Command): Expected {
  const { event, organization } = command
  const id = nameOf(organization, event.kind, idOf(event))
  const first = books.byId.get(id)
  if (first !== undefined) return again(first, event)
  const outcome = ruleOf(books, command)
  if ('code' in outcome) {
    const { code, pointer, facts, breakers, exhaustion } = outcome
    if (exhaustion !== undefined) {
      const event: RecordEvent = { kind: 'budget_exhausted', exhaustion }
      books.postings.push({ ...NOTHING_MORE, seq: books.postings.length + 1, command, event })
    }
    const told =
      facts === undefined && breakers === undefined
        ? null
        : { ...(facts === undefined ? {} : { facts }), ...(breakers === undefined ? {} : { breakers }) }
    return { answer: 'refused', code, pointers: pointer === null ? [] : [pointer], facts: told }
  }
  const posting: Posting = { ...NOTHING_MORE, seq: books.postings.length + 1, command, ...outcome }
  books.postings.push(posting)
  books.byId.set(id, posting)
  for (const transfer of posting.transfers) move(books, organization, transfer)
  keepCost(books, posting)
  for (const change of pausesOf(books, command, posting.tripped, posting.seq)) addPause(books, command, change)
  return { answer: 'posted', posting }
}

/** A change that nobody asked for by itself: it comes with an entry that opened a breaker. */
function addPause(books: Books, { kind, organization, recordedAt }: Command, change: AgentChange): void {
  const command: Command = { kind, organization, recordedAt, event: { kind: 'agent_state', change } }
  const posting: Posting = { ...NOTHING_MORE, seq: books.postings.length + 1, command }
  books.postings.push(posting)
  books.byId.set(nameOf(organization, 'agent_state', change.id), posting)
}

const NOTHING_MORE = {
  event: null,
  filled: null,
  transfers: [],
  late: false,
  settled: null,
  counted: [],
  crossed: [],
  tripped: [],
  wallet: null,
} as const

/** One rule for each kind of event: why it must be refused, or what it does. Written without a look at the deciders. */
function ruleOf(books: Books, command: Command): Outcome {
  const { event } = command
  switch (event.kind) {
    case 'call':
      return ruleOfCall(books, command, event.call)
    case 'run_start':
      return ruleOfRunStart(books, command, event.run)
    case 'run_end':
      return ruleOfRunEnd(books, command, event.run)
    case 'session_start':
      return ruleOfSessionStart(books, command, event.session)
    case 'session_end':
      return ruleOfSessionEnd(books, command, event.session)
    case 'adjustment':
      return ruleOfAdjustment(books, command, event.adjustment)
    case 'call_alias':
      return {}
    case 'hold':
      return ruleOfHold(books, command, event.hold)
    case 'hold_extend':
      return ruleOfHoldExtend(books, command, event.extension)
    case 'hold_void':
      return ruleOfHoldVoid(books, command, event.release)
    case 'hold_expire':
      return ruleOfHoldExpire(books, command, event.release)
    case 'budget_set':
      return ruleOfBudgetSet(books, command, event.setting)
    case 'budget_remove':
      return ruleOfBudgetRemove(books, command, event.removal)
    case 'breaker_set':
      return ruleOfBreakerSet(books, command, event.setting)
    case 'breaker_remove':
      return ruleOfBreakerRemove(books, command, event.removal)
    case 'breaker_sweep':
      return ruleOfBreakerSweep(books, command, event.sweep)
    case 'agent_state':
      return ruleOfAgentState(books, command, event.change)
    case 'wallet_open':
      return ruleOfWalletOpen(books, command, event.wallet)
    case 'wallet_transfer':
      return ruleOfWalletTransfer(books, command, event.transfer)
    case 'escrow_open':
      return ruleOfEscrowOpen(books, command, event.escrow)
    case 'escrow_end':
      return ruleOfEscrowEnd(books, command, event.end)
  }
}

function again(first: Posting, event: CommandEvent): Expected {
  const pointers = differences(first.command.event, event)
  if (pointers.length === 0) return { answer: 'replayed', posting: first }
  return {
    answer: 'refused',
    code: event.kind === 'run_end' || event.kind === 'escrow_end' ? 'already_ended' : 'id_reused',
    pointers,
    facts: null,
  }
}

function ruleOfCall(books: Books, { organization, recordedAt, keyAttribution: key }: Command, call: CallRecord): Outcome {
  if (books.byId.has(nameOf(organization, 'call_alias', call.id))) return { code: 'id_reused', pointer: '/call_id' }
  if (call.parentCall === call.id) return { code: 'cycle', pointer: '/parent_call_id' }
  const cost = call.charge.amount ?? 0n
  if (cost < 0n) return { code: 'invalid_field', pointer: '/cost_usd' }
  const name = nameOf(organization, call.id)
  const hold = books.holds.get(name)
  const run = call.run ?? hold?.runs[0] ?? null
  const late = run !== null && namesRun(mention(books.runs, organization, run), call.workflow)
  const filled = inherited(books, call, { organization, run, workflowFromRuns: true, fromSession: true, key, hold: hold?.facts ?? null })
  if (filled.session !== null) mention(books.sessions, organization, filled.session)
  if (hold !== undefined) letGo(books, hold)
  books.holds.delete(name)
  const line = {
    seq: books.postings.length + 1,
    facts: { ...filled, organization, model: call.usage.modelRequested, seller: call.usage.seller, key: call.key },
    run,
    at: hold?.at ?? call.at,
    amount: cost,
    corrects: null,
    placed: new Map(),
  }
  const { crossed } = spend(books, line, hold)
  const settled = hold === undefined ? null : { at: hold.at, amount: hold.amount, plan: planOf(hold) }
  const wallet = walletOf(books, organization, filled.agent)?.agent ?? null
  const watched = { facts: line.facts, runs: lineOf(books, organization, run), fingerprint: call.fingerprint }
  const tripped = watchCall(books, organization, { ...watched, success: call.success, cost, at: call.at }, hold, recordedAt)
  return { filled: { ...filled, run }, transfers: spent(call.usage.seller, cost, wallet), settled, crossed, late, wallet, tripped }
}

function planOf({ facts, tier, region, meters, fallback }: LiveHold): HoldPlan {
  return { model: facts.model, seller: facts.seller, tier, region, meters, fallback }
}

/** The first call to say a workflow names a run that has not started; true where that comes after the run was mentioned. */
function namesRun({ owner, known }: ReturnType<typeof mention>, workflow: string | null): boolean {
  if (owner.said !== null || owner.called !== null || workflow === null) return false
  owner.called = workflow
  return known
}

function ruleOfRunStart(books: Books, { organization, keyAttribution: key }: Command, run: RunStart): Outcome {
  const above = lineOf(books, organization, run.parentRun)
  if (above.includes(run.id)) return { code: 'cycle', pointer: '/parent_workflow_id' }
  if (above.length >= RUNS_DEEP_MAX) return { code: 'too_deep', pointer: '/parent_workflow_id' }
  const filled = inherited(books, run, { organization, run: run.parentRun, workflowFromRuns: false, fromSession: true, key, hold: null })
  const { owner, known } = mention(books.runs, organization, run.id)
  Object.assign(owner, { said: attributionOf(run), parentRun: run.parentRun, startedAt: run.at, startedSeq: books.postings.length + 1 })
  if (run.parentRun !== null) mention(books.runs, organization, run.parentRun)
  if (filled.session !== null) mention(books.sessions, organization, filled.session)
  return { filled, late: known }
}

const RUNS_DEEP_MAX = 64

function ruleOfRunEnd(books: Books, { organization }: Command, run: RunEnd): Outcome {
  const owner = books.runs.get(nameOf(organization, run.id))
  if (owner === undefined) return { code: 'not_found', pointer: '/workflow_id' }
  Object.assign(owner, { endedAt: run.at, success: run.success, errorCode: run.errorCode })
  return {}
}

function ruleOfSessionStart(books: Books, { organization, keyAttribution: key }: Command, session: SessionStart): Outcome {
  const filled = inherited(books, session, { organization, run: null, workflowFromRuns: false, fromSession: false, key, hold: null })
  const { owner, known } = mention(books.sessions, organization, session.id)
  Object.assign(owner, { said: attributionOf(session), startedAt: session.at })
  return { filled, late: known }
}

function ruleOfSessionEnd(books: Books, { organization }: Command, session: SessionEnd): Outcome {
  const owner = books.sessions.get(nameOf(organization, session.id))
  if (owner === undefined) return { code: 'not_found', pointer: '/session_id' }
  owner.endedAt = session.at
  return {}
}

function ruleOfAdjustment(books: Books, { organization }: Command, { call, delta, charge }: Adjustment): Outcome {
  const known = books.calls.get(nameOf(organization, call))
  if (known === undefined) return { code: 'not_found', pointer: '/call_id' }
  if (charge.amount === null || charge.amount < 0n) return { code: 'invalid_field', pointer: '/charge' }
  if (charge.amount - known.cost !== delta) return { code: 'invalid_field', pointer: '/delta' }
  const called = books.lines.get(organization)?.find(({ seq }) => seq === known.posting.seq)
  if (called === undefined) throw new Error(`call ${call} is not among the lines`)
  const line = { ...called, seq: books.postings.length + 1, amount: delta, corrects: called, placed: new Map() }
  return { transfers: spent(called.facts.seller, delta, known.posting.wallet), ...spend(books, line, undefined) }
}

function spent(seller: string, cost: bigint, wallet: string | null): Transfer[] {
  const expense = `expense:${seller}`
  const payer = wallet === null ? 'funding' : `wallet:${wallet}`
  if (cost > 0n) return [{ debit: expense, credit: payer, amount: picos(cost) }]
  return cost < 0n ? [{ debit: payer, credit: expense, amount: picos(-cost) }] : []
}

function keepCost(books: Books, posting: Posting): void {
  const { organization, event } = posting.command
  if (event.kind === 'call') {
    const { charge, id } = event.call
    books.calls.set(nameOf(organization, id), { cost: charge.amount ?? 0n, status: charge.status, posting })
  }
  if (event.kind !== 'adjustment') return
  const known = books.calls.get(nameOf(organization, event.adjustment.call))
  if (known !== undefined) Object.assign(known, { cost: known.cost + event.adjustment.delta, status: event.adjustment.charge.status })
}

function idOf(event: CommandEvent): string {
  switch (event.kind) {
    case 'call':
      return event.call.id
    case 'adjustment':
      return event.adjustment.id
    case 'run_start':
    case 'run_end':
      return event.run.id
    case 'session_start':
    case 'session_end':
      return event.session.id
    case 'call_alias':
      return event.alias.id
    case 'hold':
      return event.hold.id
    case 'hold_extend':
      return event.extension.id
    case 'hold_void':
    case 'hold_expire':
      return event.release.id
    case 'budget_set':
      return event.setting.id
    case 'budget_remove':
    case 'breaker_remove':
      return event.removal.id
    case 'breaker_set':
      return event.setting.id
    case 'breaker_sweep':
      return event.sweep.id
    case 'agent_state':
      return event.change.id
    case 'wallet_open':
      return event.wallet.id
    case 'wallet_transfer':
      return event.transfer.id
    case 'escrow_open':
      return event.escrow.id
    case 'escrow_end':
      return event.end.id
  }
}

function attributionOf(from: Attribution): Attribution {
  const { agent, user, session, workflow, team, project, costCenter, action, tags } = from
  return { agent, user, session, workflow, team, project, costCenter, action, tags }
}
