import { assert, type Result } from '../kernel/index.ts'
import { recordAgentState } from './agent/agent-state.ts'
import { breakerChanges } from './breaker/draft-breakers.ts'
import { recordBreakerRemove, recordBreakerSet, recordBreakerSweep } from './breaker/record-breakers.ts'
import { budgetChanges } from './budget/draft-budgets.ts'
import { changesOf, type Draft, draftOf, forkOf } from './draft.ts'
import type { Decision, LedgerState } from './ports.ts'
import { recordAdjustment } from './record/adjustment.ts'
import { recordBudgetRemove } from './record/budget-remove.ts'
import { recordBudgetSet } from './record/budget-set.ts'
import { recordCall } from './record/call.ts'
import { recordCallAlias } from './record/call-alias.ts'
import { recordEscrowEnd } from './record/escrow-end.ts'
import { recordEscrowOpen } from './record/escrow-open.ts'
import { recordHold } from './record/hold.ts'
import { recordHoldExpire, recordHoldVoid } from './record/hold-end.ts'
import { recordHoldExtend } from './record/hold-extend.ts'
import { recordRunEnd } from './record/run-end.ts'
import { recordRunStart } from './record/run-start.ts'
import { recordSessionEnd } from './record/session-end.ts'
import { recordSessionStart } from './record/session-start.ts'
import { recordWalletOpen } from './record/wallet-open.ts'
import { recordWalletTransfer } from './record/wallet-transfer.ts'
import type { Command, CommandEvent, Posted, RecordCommand } from './records.ts'

/**
 * Decides a batch of commands, in their order, over the rows they touch: what is posted, replayed or refused, and what changes.
 * Pure: the same state and commands give the same decision. Each command sees what the ones before it in the batch have done, so it
 * makes no difference how commands are cut into batches. A refused command changes nothing, but that it may tell of a budget that is exhausted.
 */
export function decide(state: LedgerState, commands: readonly Command[]): Decision {
  let draft = draftOf(state)
  const outcomes: Result<Posted>[] = []
  for (const part of hasMarks(commands) ? partsOf(commands) : [commands]) {
    if (part[0]?.together === undefined) {
      for (const command of part) outcomes.push(decideOne(draft, command))
      continue
    }
    const tried = forkOf(draft)
    const together = part.map((command) => decideOne(tried, command))
    const refused = together.find((outcome) => !outcome.ok)
    if (refused === undefined) draft = tried
    outcomes.push(...(refused === undefined ? together : together.map(() => refused)))
  }
  assert(outcomes.length === commands.length, 'every command is answered')
  const { audits, breakers } = draft
  const read = {
    counters: [...draft.countersRead.values()],
    accounts: [...draft.accountsRead.values()],
    breakers: [...breakers.rowsRead.values()],
    agents: [...breakers.agentsRead.values()],
  }
  return { outcomes, changes: { ...changesOf(draft), ...budgetChanges(draft), breakers: breakerChanges(draft), audits }, read }
}

/**
 * Commands as they are decided: each by itself, but those that follow each other with the same mark `together`, which are posted all or none. In their
 * order.
 */
export function partsOf(commands: readonly Command[]): readonly (readonly Command[])[] {
  const parts: Command[][] = []
  for (const command of commands) {
    const open = parts.at(-1)
    if (command.together !== undefined && open?.at(-1)?.together === command.together) open.push(command)
    else parts.push([command])
  }
  return parts
}

/** Whether any of them are to be posted all or none: almost none are. */
function hasMarks(commands: readonly Command[]): boolean {
  return commands.some(({ together }) => together !== undefined)
}

function decideOne(draft: Draft, command: Command): Result<Posted> {
  const outcome = DECIDERS[command.kind](draft, command)
  if (command.audit !== undefined && outcome.ok && !outcome.value.replayed) draft.audits.push(command.audit)
  return outcome
}

/** A decider reads and writes the draft; it refuses before its first write, so that a refusal leaves no trace but what it tells. */
type Decider<C> = (draft: Draft, command: C) => Result<Posted>

const DECIDERS: { readonly [K in Command['kind']]: Decider<Extract<Command, { kind: K }>> } = {
  record: (draft, command) => recordEvent(draft, command, command.event),
}

type Recorder<K extends CommandEvent['kind']> = (
  draft: Draft,
  command: RecordCommand,
  event: Extract<CommandEvent, { kind: K }>,
) => Result<Posted>

const RECORDERS: { readonly [K in CommandEvent['kind']]: Recorder<K> } = {
  call: recordCall,
  run_start: recordRunStart,
  run_end: recordRunEnd,
  session_start: recordSessionStart,
  session_end: recordSessionEnd,
  adjustment: recordAdjustment,
  call_alias: recordCallAlias,
  hold: recordHold,
  hold_extend: recordHoldExtend,
  hold_void: recordHoldVoid,
  hold_expire: recordHoldExpire,
  budget_set: recordBudgetSet,
  budget_remove: recordBudgetRemove,
  breaker_set: recordBreakerSet,
  breaker_remove: recordBreakerRemove,
  breaker_sweep: recordBreakerSweep,
  agent_state: recordAgentState,
  wallet_open: recordWalletOpen,
  wallet_transfer: recordWalletTransfer,
  escrow_open: recordEscrowOpen,
  escrow_end: recordEscrowEnd,
}

function recordEvent<K extends CommandEvent['kind']>(
  draft: Draft,
  command: RecordCommand,
  event: Extract<CommandEvent, { kind: K }>,
): Result<Posted> {
  const recorder = RECORDERS[event.kind as K] as Recorder<K>
  return recorder(draft, command, event)
}
