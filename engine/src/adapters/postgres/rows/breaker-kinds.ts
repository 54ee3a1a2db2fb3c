import {
  type AgentKey,
  type AgentState,
  type BreakerKey,
  type BreakerRow,
  type BreakerRule,
  breakerRowKey,
  decodeBreaker,
  decodeBreakerRow,
  encodeBreaker,
  encodeBreakerRow,
  rowKey,
} from '../../../ledger/index.ts'
import type { RowKind } from './row-kind.ts'
import { nameIn, textIn } from './row-kinds.ts'
import type { RuleKind } from './rules-table.ts'

export const BREAKERS: RuleKind<BreakerRule> = {
  table: 'breakers',
  encode: encodeBreaker,
  decode: (body, organization) => decodeBreaker(JSON.parse(body), organization),
  loaded: ({ breakers }) => breakers.rules,
  changed: ({ breakers }) => breakers.rules,
  removed: ({ breakers }) => breakers.removed,
  counted: { table: 'breaker_rows', rule: 'breaker' },
}

export const BREAKER_ROWS: RowKind<BreakerRow, BreakerKey> = {
  table: 'breaker_rows',
  wanted: ({ breakers }) => breakers.rows,
  loaded: ({ breakers }) => breakers.rows,
  changed: ({ breakers }) => breakers.rows,
  key: [
    { name: 'organization', type: 'name', of: ({ organization }) => organization },
    { name: 'breaker', type: 'name', of: ({ breaker }) => breaker },
    { name: 'value', type: 'name', of: ({ value }) => value },
    { name: 'part', type: 'name', of: ({ part }) => part },
  ],
  values: [
    { name: 'expires_at', type: 'whole', of: ({ expiresAt }) => expiresAt },
    { name: 'body', type: 'body', of: encodeBreakerRow },
  ],
  stateOf: (row) => {
    const [organization, breaker, value, part] = [
      nameIn(row, 'organization'),
      nameIn(row, 'breaker'),
      nameIn(row, 'value'),
      nameIn(row, 'part'),
    ]
    return decodeBreakerRow({ organization, breaker, value, part, expiresAt: Number(textIn(row, 'expires_at')) }, textIn(row, 'body'))
  },
  mapKey: breakerRowKey,
  removed: ({ breakers }) => breakers.rowsRemoved,
  // What a breaker has seen goes with it.
  removedUnnamed: ({ breakers }) => breakers.removed.length > 0,
  absenceKept: true,
}

export const AGENTS: RowKind<AgentState, AgentKey> = {
  table: 'agent_states',
  wanted: ({ breakers }) => breakers.agents,
  loaded: ({ breakers }) => breakers.agents,
  changed: ({ breakers }) => breakers.agents,
  key: [
    { name: 'organization', type: 'name', of: ({ organization }) => organization },
    { name: 'agent', type: 'name', of: ({ agent }) => agent },
  ],
  values: [{ name: 'body', type: 'body', of: ({ state, reason, breaker, since }) => JSON.stringify({ state, reason, breaker, since }) }],
  stateOf: (row) => ({
    organization: nameIn(row, 'organization'),
    agent: nameIn(row, 'agent'),
    ...(JSON.parse(textIn(row, 'body')) as Pick<AgentState, 'state' | 'reason' | 'breaker' | 'since'>),
  }),
  mapKey: ({ organization, agent }) => rowKey(organization, agent),
  absenceKept: true,
}
