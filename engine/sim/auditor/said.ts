import type { Attribution, CallRecord, CommandEvent } from '../../src/ledger/index.ts'
import { plainText } from '../plain-text.ts'

/** What the caller of an event said, by the pointer under which a refusal would name it. What is not here was not said by the caller. */
type Said = ReadonlyMap<string, unknown>

/** The pointers under which a second report differs from the first; none: it is a repetition. */
export function differences(first: CommandEvent, again: CommandEvent): string[] {
  const [before, now] = [said(first), said(again)]
  return [...new Set([...before.keys(), ...now.keys()])].filter((pointer) => {
    if (pointer !== '/timestamp') return plainText(before.get(pointer) ?? null) !== plainText(now.get(pointer) ?? null)
    // A time that was not stated differs from nothing.
    return before.has(pointer) && now.has(pointer) && before.get(pointer) !== now.get(pointer)
  })
}

function said(event: CommandEvent): Said {
  switch (event.kind) {
    case 'call':
      return new Map([...saidOfWho(event.call), ...saidOfCall(event.call), ...saidOfTime(event.call)])
    case 'run_start':
      return new Map([...saidOfWho(event.run), ['/parent_workflow_id', event.run.parentRun], ...saidOfTime(event.run)])
    case 'session_start':
      return new Map([...saidOfWho(event.session), ...saidOfTime(event.session)])
    case 'run_end':
      return new Map<string, unknown>([
        ['/success', event.run.success],
        ['/error', event.run.errorCode],
      ])
    case 'session_end':
      return new Map()
    case 'adjustment':
      return new Map<string, unknown>([
        ['/call_id', event.adjustment.call],
        ['/delta', event.adjustment.delta],
      ])
    case 'hold':
      return new Map<string, unknown>([
        ...saidOfWho(event.hold),
        ['/workflow_id', event.hold.run],
        ['/model', event.hold.model],
        ['/provider', event.hold.seller],
        ['/service_tier', event.hold.tier],
        ['/region', event.hold.region],
        ['/prompt_fingerprint', event.hold.fingerprint],
        ...Object.entries(event.hold.asked).map(([field, quantity]): [string, unknown] => [`/${field}`, quantity]),
      ])
    case 'call_alias':
      return new Map([['/call_id', event.alias.call]])
    case 'hold_extend':
      return new Map([['/call_id', event.extension.call]])
    case 'hold_void':
    case 'hold_expire':
    case 'budget_set':
    case 'budget_remove':
    case 'breaker_set':
    case 'breaker_remove':
    case 'breaker_sweep':
    case 'agent_state':
    case 'wallet_open':
      return new Map()
    case 'wallet_transfer': {
      const { type, agent, to, amount, memo, upTo } = event.transfer
      return new Map<string, unknown>([
        ['/type', type],
        ['/agent_name', agent],
        ['/to_agent', to],
        ['/amount', upTo ?? amount],
        ['/memo', memo],
      ])
    }
    case 'escrow_open': {
      const { payer, payee, amount, memo } = event.escrow
      return new Map<string, unknown>([
        ['/payer', payer],
        ['/payee', payee],
        ['/amount', amount],
        ['/memo', memo],
      ])
    }
    case 'escrow_end':
      return new Map([['/escrow_id', event.end.paid]])
  }
}

function saidOfWho(who: Attribution): [string, unknown][] {
  return [
    ['/agent_name', who.agent],
    ['/user_id', who.user],
    ['/session_id', who.session],
    ['/workflow_name', who.workflow],
    ['/team', who.team],
    ['/project', who.project],
    ['/cost_center', who.costCenter],
    ['/action', who.action],
    ...Object.entries(who.tags).map(([tag, value]): [string, unknown] => [`/tags/${tag.replace(/~/g, '~0').replace(/\//g, '~1')}`, value]),
  ]
}

function saidOfTime({ at, atGiven }: { readonly at: number; readonly atGiven: boolean }): [string, unknown][] {
  return atGiven ? [['/timestamp', at]] : []
}

function saidOfCall({ usage, ...call }: CallRecord): [string, unknown][] {
  const { modelRequested, modelServed, seller, inferences, context, outcome, attested } = usage
  const tokens = (family: string): number =>
    inferences
      .flatMap(({ meters }) => Object.entries(meters))
      .filter(([meter]) => meter === family || meter.startsWith(`${family}.`))
      .reduce((sum, [, quantity]) => sum + quantity, 0)
  return [
    ['/workflow_id', call.run],
    ['/parent_call_id', call.parentCall],
    ['/latency_ms', call.latencyMs],
    ['/success', call.success],
    ['/error', call.errorCode],
    ['/prompt_fingerprint', call.fingerprint],
    ['/model', modelRequested ?? modelServed],
    ['/provider', seller],
    ['/input_tokens', tokens('input')],
    ['/cache_read_tokens', tokens('input.cache_read')],
    ['/output_tokens', tokens('output')],
    ['/service_tier', context.tier],
    ['/cost_usd', attested === undefined ? null : [attested.amount, attested.currency]],
    [
      '/response',
      [modelRequested, modelServed, seller, context, outcome, inferences.map(({ model, kind, meters }) => ({ model, kind, meters }))],
    ],
  ]
}
