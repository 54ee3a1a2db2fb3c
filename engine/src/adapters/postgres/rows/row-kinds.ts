import { assert, type Picos } from '../../../kernel/index.ts'
import {
  type AccountKey,
  type AccountState,
  type CounterKey,
  type CounterState,
  counterKey,
  decodeHoldState,
  encodeHoldState,
  type HoldState,
  type RunState,
  rowKey,
  type SessionState,
} from '../../../ledger/index.ts'
import type { Row } from '../connect/pool.ts'
import type { Column, RowKind } from './row-kind.ts'
import { picosOfNumeric, textOfStored } from './stored-text.ts'

interface Owned {
  readonly organization: string
}

export interface Identified extends Owned {
  readonly id: string
}

const ORGANIZATION: Column<Owned> = { name: 'organization', type: 'name', of: ({ organization }) => organization }
const ID: Column<Identified> = { name: 'id', type: 'name', of: ({ id }) => id }
const mapKey = ({ organization, id }: Identified): string => rowKey(organization, id)

export const RUNS: RowKind<RunState, Identified> = {
  table: 'runs',
  wanted: ({ runs }) => runs,
  loaded: ({ runs }) => runs,
  changed: ({ runs }) => runs,
  key: [ORGANIZATION, ID],
  values: [{ name: 'body', type: 'body', of: (run) => JSON.stringify(run) }],
  stateOf: (row) => JSON.parse(textIn(row, 'body')) as RunState,
  mapKey,
}

export const SESSIONS: RowKind<SessionState, Identified> = {
  table: 'sessions',
  wanted: ({ sessions }) => sessions,
  loaded: ({ sessions }) => sessions,
  changed: ({ sessions }) => sessions,
  key: [ORGANIZATION, ID],
  values: [{ name: 'body', type: 'body', of: (session) => JSON.stringify(session) }],
  stateOf: (row) => JSON.parse(textIn(row, 'body')) as SessionState,
  mapKey,
}

export const ACCOUNTS: RowKind<AccountState, AccountKey> = {
  table: 'accounts',
  wanted: ({ accounts }) => accounts,
  loaded: ({ accounts }) => accounts,
  changed: ({ accounts }) => accounts,
  key: [ORGANIZATION, { name: 'account', type: 'name', of: ({ account }) => account }],
  values: [
    { name: 'debits', type: 'picos', of: ({ debits }) => debits },
    { name: 'credits', type: 'picos', of: ({ credits }) => credits },
  ],
  stateOf: (row) => ({
    organization: nameIn(row, 'organization'),
    account: nameIn(row, 'account'),
    debits: amountIn(row, 'debits'),
    credits: amountIn(row, 'credits'),
  }),
  mapKey: ({ organization, account }) => rowKey(organization, account),
  absenceKept: true,
}

export const COUNTERS: RowKind<CounterState, CounterKey> = {
  table: 'counters',
  wanted: ({ counters }) => counters,
  loaded: ({ counters }) => counters,
  changed: ({ counters }) => counters,
  key: [
    ORGANIZATION,
    { name: 'budget', type: 'name', of: ({ budget }) => budget },
    { name: 'value', type: 'name', of: ({ value }) => value },
    { name: 'start', type: 'whole', of: ({ start }) => start },
  ],
  values: [
    { name: 'spent', type: 'picos', of: ({ spent }) => spent },
    { name: 'held', type: 'picos', of: ({ held }) => held },
    { name: 'told_to', type: 'picos', of: ({ toldTo }) => toldTo },
    { name: 'exhausted_seq', type: 'whole', of: ({ exhaustedSeq }) => exhaustedSeq },
  ],
  stateOf: (row) => ({
    organization: nameIn(row, 'organization'),
    budget: nameIn(row, 'budget'),
    value: nameIn(row, 'value'),
    start: Number(textIn(row, 'start')),
    spent: amountIn(row, 'spent'),
    held: amountIn(row, 'held'),
    toldTo: amountIn(row, 'told_to'),
    exhaustedSeq: Number(textIn(row, 'exhausted_seq')),
  }),
  mapKey: counterKey,
  absenceKept: true,
  // The counters of a budget go with it.
  removedUnnamed: ({ budgetsRemoved }) => budgetsRemoved.length > 0,
}

export const HOLDS: RowKind<HoldState, Identified> = {
  table: 'holds',
  wanted: ({ holds }) => holds,
  loaded: ({ holds }) => holds,
  changed: ({ holds }) => holds,
  key: [ORGANIZATION, ID],
  values: [
    { name: 'deadline', type: 'whole', of: ({ deadline, expiredAt }) => (expiredAt === null ? deadline : null) },
    { name: 'body', type: 'body', of: encodeHoldState },
  ],
  stateOf: (row) => decodeHoldState(nameIn(row, 'organization'), nameIn(row, 'id'), textIn(row, 'body')),
  mapKey,
  removed: ({ holdsEnded }) => holdsEnded,
}

/** What a column that is never null holds. */
export function textIn(row: Row, column: string): string {
  const text = row[column]
  assert(typeof text === 'string', `the column ${column} is there`)
  return text
}

export function nameIn(row: Row, column: string): string {
  return textOfStored(textIn(row, column))
}

function amountIn(row: Row, column: string): Picos {
  return picosOfNumeric(textIn(row, column))
}
