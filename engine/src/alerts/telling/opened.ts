import { formatInstant, picos, usdOfPicos } from '../../kernel/index.ts'
import { EVERY_AGENT, type JournalEntry, type Trip } from '../../ledger/index.ts'
import type { EventType } from '../records.ts'
import type { AlertDraft } from './alerts-of.ts'

/** Breakers that an entry opened: one alert each, once for an opening. */
export function openedBreakers(entry: JournalEntry): readonly AlertDraft[] {
  return entry.tripped === undefined ? NONE : entry.tripped.map((trip) => alertOf(entry, trip))
}

const NONE: readonly AlertDraft[] = []

function alertOf(entry: JournalEntry, trip: Trip): AlertDraft {
  const { breaker, value, measure, action, agent, until } = trip
  const isMoney = measure === 'cost'
  const shown = (amount: bigint): string => (isMoney ? usdOfPicos(picos(amount)) : amount.toString())
  return {
    type: 'breaker.opened',
    agent,
    thresholdPct: null,
    watched: false,
    title: `The breaker on ${measure.replace('_', ' ')} of ${value} has opened`,
    text: `${isMoney ? '$' : ''}${shown(trip.counted)} in its window, the limit is ${isMoney ? '$' : ''}${shown(trip.limit)}. ${CONSEQUENCES[action]}`,
    facts: {
      organization_id: entry.organization,
      agent_id: agent,
      breaker_id: breaker,
      measure,
      action,
      value,
      counted: shown(trip.counted),
      limit: shown(trip.limit),
      until: until === null ? null : formatInstant(until),
      call_id: entry.event.kind === 'call' ? entry.event.call.id : entry.event.kind === 'hold' ? entry.event.hold.id : null,
    },
  }
}

const CONSEQUENCES: Readonly<Record<Trip['action'], string>> = {
  throttle: 'Calls are held back until its window has room.',
  block: 'Such calls are refused until its cooldown is over.',
  pause: 'The agent is paused until somebody resumes it.',
}

/** An agent, or all of an organization, that was paused, stopped or resumed, by whomever. */
export function changedAgents({ organization, event }: JournalEntry): readonly AlertDraft[] {
  if (event.kind !== 'agent_state') return NONE
  const { agent, state, reason, breaker, at } = event.change
  const who = agent === EVERY_AGENT ? `All agents of ${organization}` : `Agent ${agent}`
  return [
    {
      type: STATE_EVENTS[state],
      agent: agent === EVERY_AGENT ? null : agent,
      thresholdPct: null,
      watched: false,
      title: `${who} ${agent === EVERY_AGENT ? 'are' : 'is'} ${state}`,
      text: reason === null ? 'No reason was given.' : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
      facts: {
        organization_id: organization,
        agent_id: agent === EVERY_AGENT ? null : agent,
        state,
        reason,
        breaker_id: breaker,
        since: formatInstant(at),
      },
    },
  ]
}

const STATE_EVENTS: Readonly<Record<'active' | 'paused' | 'stopped', EventType>> = {
  active: 'agent.resumed',
  paused: 'agent.paused',
  stopped: 'agent.stopped',
}
