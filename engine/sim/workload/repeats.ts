import { picos } from '../../src/kernel/index.ts'
import type { CallRecord, CommandEvent, Hold } from '../../src/ledger/index.ts'
import type { Dice } from '../dice.ts'
import type { Delivery } from '../records.ts'
import { charge } from './calls.ts'
import type { World } from './world.ts'

/** What was sent is sent again, as it was or with one thing changed; the same id with another body must be refused. */
export function repeats(world: World): readonly Delivery[] {
  const { dice, sent } = world
  if (sent.length === 0) return []
  const before = dice.pick(dice.perMille(700) ? sent.slice(-40) : sent)
  const again = resent(world, before)
  const repeat = dice.perMille(500) ? again : { ...again, command: { ...again.command, event: changed(dice, again.command.event) } }
  // A caller in doubt may send it twice at once.
  return dice.perMille(200) ? [repeat, resent(world, repeat)] : [repeat]
}

/** The same thing said again now: our own times are new. */
export function resent(world: World, { command, ...delivery }: Delivery): Delivery {
  return { ...delivery, command: { ...command, recordedAt: world.now, event: atNow(command.event, world.now) } }
}

function atNow(event: CommandEvent, at: number): CommandEvent {
  switch (event.kind) {
    case 'call':
      return event.call.atGiven ? event : { kind: 'call', call: { ...event.call, at } }
    case 'run_start':
      return event.run.atGiven ? event : { kind: 'run_start', run: { ...event.run, at } }
    case 'run_end':
      return event.run.atGiven ? event : { kind: 'run_end', run: { ...event.run, at } }
    case 'session_start':
      return event.session.atGiven ? event : { kind: 'session_start', session: { ...event.session, at } }
    case 'session_end':
      return event.session.atGiven ? event : { kind: 'session_end', session: { ...event.session, at } }
    case 'hold':
      return { kind: 'hold', hold: { ...event.hold, at, deadline: at + event.hold.deadline - event.hold.at } }
    case 'adjustment':
    case 'call_alias':
    case 'hold_extend':
    case 'hold_void':
    case 'hold_expire':
    case 'budget_set':
    case 'budget_remove':
    case 'breaker_set':
    case 'breaker_remove':
    case 'breaker_sweep':
    case 'agent_state':
    case 'wallet_open':
    case 'wallet_transfer':
    case 'escrow_open':
    case 'escrow_end':
      return event
  }
}

function changed(dice: Dice, event: CommandEvent): CommandEvent {
  switch (event.kind) {
    case 'call':
      return { kind: 'call', call: { ...event.call, ...dice.pick(CALL_CHANGES)(event.call) } }
    case 'run_start': {
      const { run } = event
      return {
        kind: 'run_start',
        run: { ...run, ...dice.pick([{ team: 'other' }, { parentRun: 'other' }, { tags: {} }, { at: run.at + 1 }]) },
      }
    }
    case 'run_end': {
      const { run } = event
      return { kind: 'run_end', run: { ...run, ...dice.pick([{ success: !run.success }, { errorCode: 'other' }, { at: run.at + 1 }]) } }
    }
    case 'session_start': {
      const { session } = event
      return {
        kind: 'session_start',
        session: { ...session, ...dice.pick([{ user: 'other' }, { at: session.at + 1 }, { workflow: null }]) },
      }
    }
    case 'session_end':
      return { kind: 'session_end', session: { ...event.session, at: event.session.at + 1 } }
    case 'adjustment': {
      const { adjustment } = event
      const change = dice.pick([{ delta: picos(adjustment.delta + 1n) }, { call: 'other' }, { reason: 'other' }])
      return { kind: 'adjustment', adjustment: { ...adjustment, ...change } }
    }
    case 'hold':
      return { kind: 'hold', hold: { ...event.hold, ...dice.pick(HOLD_CHANGES)(event.hold) } }
    case 'call_alias':
      return { kind: 'call_alias', alias: { ...event.alias, ...dice.pick([{ call: 'other' }, { at: event.alias.at + 1 }]) } }
    case 'hold_extend': {
      const change = dice.pick([{ call: 'other' }, { amount: picos(77n) }, { deadline: event.extension.deadline + 1 }])
      return { kind: 'hold_extend', extension: { ...event.extension, ...change } }
    }
    case 'hold_void':
    case 'hold_expire':
      return { ...event, release: { ...event.release, reason: 'another' } }
    case 'budget_set':
      return { kind: 'budget_set', setting: { ...event.setting, rule: { ...event.setting.rule, limit: picos(77n) } } }
    case 'budget_remove':
      return { kind: 'budget_remove', removal: { ...event.removal, at: event.removal.at + 1 } }
    case 'breaker_set':
      return { kind: 'breaker_set', setting: { ...event.setting, rule: { ...event.setting.rule, limit: 77n } } }
    case 'breaker_remove':
      return { kind: 'breaker_remove', removal: { ...event.removal, at: event.removal.at + 1 } }
    case 'breaker_sweep':
      return { kind: 'breaker_sweep', sweep: { ...event.sweep, at: event.sweep.at + 1 } }
    case 'agent_state':
      return { kind: 'agent_state', change: { ...event.change, reason: 'another' } }
    case 'wallet_open':
      return { kind: 'wallet_open', wallet: { ...event.wallet, opening: picos(77n) } }
    case 'wallet_transfer': {
      const { transfer } = event
      const more = transfer.upTo === undefined ? { amount: picos(transfer.amount + 1n) } : { upTo: picos(transfer.upTo + 1n) }
      const change = dice.pick([more, { agent: 'other' }, { memo: 'other' }, { at: transfer.at + 1 }])
      return { kind: 'wallet_transfer', transfer: { ...transfer, ...change } }
    }
    case 'escrow_open': {
      const { escrow } = event
      const change = dice.pick([{ amount: picos(escrow.amount + 1n) }, { payer: 'other' }, { payee: 'other' }, { memo: 'other' }])
      return { kind: 'escrow_open', escrow: { ...escrow, ...change } }
    }
    case 'escrow_end': {
      const { end } = event
      const change = dice.pick([{ paid: end.refunded, refunded: end.paid }, { reason: 'another' }, { paid: picos(end.paid + 1n) }])
      return { kind: 'escrow_end', end: { ...end, ...change } }
    }
  }
}

/** What the caller says, and what is only our own estimate of it. */
const HOLD_CHANGES: readonly ((hold: Hold) => Partial<Hold>)[] = [
  () => ({ agent: 'other' }),
  () => ({ tags: { env: 'test' } }),
  () => ({ run: 'other' }),
  () => ({ model: 'm-other' }),
  () => ({ seller: 'other' }),
  () => ({ tier: 'flex' }),
  () => ({ region: 'mars' }),
  () => ({ fingerprint: 'other' }),
  ({ asked }) => ({ asked: { ...asked, max_tokens: 9_999 } }),
  ({ meters }) => ({ meters: { ...meters, output: 9_999 } }),
  () => ({ amount: picos(77n), fallback: null, key: 'key-2' }),
  ({ deadline }) => ({ deadline: deadline + 1 }),
]

/** Some of these are said by the caller; some are only what we made of it, and change nothing. */
const CALL_CHANGES: readonly ((call: CallRecord) => Partial<CallRecord>)[] = [
  () => ({ agent: 'other' }),
  () => ({ session: null }),
  () => ({ tags: { env: 'test' } }),
  () => ({ run: 'other' }),
  () => ({ parentCall: null }),
  () => ({ latencyMs: 77 }),
  ({ success }) => ({ success: !success }),
  () => ({ errorCode: 'other' }),
  () => ({ fingerprint: 'other' }),
  ({ at }) => ({ at: at + 1, atGiven: true }),
  ({ usage }) => ({ usage: { ...usage, seller: 'other' } }),
  ({ usage }) => ({ usage: { ...usage, modelRequested: 'other' } }),
  ({ usage }) => ({ usage: { ...usage, context: { tier: 'flex' } } }),
  ({ usage }) => ({ usage: { ...usage, attested: { amount: '7', currency: 'USD', by: 'someone' } } }),
  ({ usage }) => ({
    usage: { ...usage, inferences: usage.inferences.map((each) => ({ ...each, meters: { ...each.meters, output: 9_999 } })) },
  }),
  ({ charge: { knownAt } }) => ({ charge: charge(picos(424_242n), 'exact', knownAt + 1) }),
  () => ({ source: 'import:other', key: 'key-2' }),
]
