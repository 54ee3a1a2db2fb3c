import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DuckDBDecimalValue,
  DuckDBMapValue,
  type DuckDBType,
  type DuckDBValue,
  MAP,
  VARCHAR,
} from '@duckdb/node-api'
import type { CallRow, RunPart, SessionPart } from '../../calls/index.ts'
import { assert, type Picos, picos } from '../../kernel/index.ts'

/** A column of a table and the field of a record it holds. `hash` is computed, see `requestHash`. */
export interface Column<T> {
  readonly name: string
  readonly field: keyof T & string
  readonly kind: 'text' | 'integer' | 'boolean' | 'money' | 'sum' | 'tags'
}

/** A call's cost: 18 digits, 12 of them decimals. Sums of it are 38 digits wide. Narrow, because sums of it are several times faster. */
export const COST_TYPE = 'DECIMAL(18,12)'
export const SUM_TYPE = 'DECIMAL(38,12)'

/** The hash of a call's request, beside the columns of the record: 8 bytes find repeated requests faster than their text. */
export const REQUEST_HASH = 'request_hash'

function column<T>(name: string, field: keyof T & string, kind: Column<T>['kind']): Column<T> {
  return { name, field, kind }
}

export const CALL_COLUMNS: readonly Column<CallRow>[] = [
  column('seq', 'seq', 'integer'),
  column('call_seq', 'callSeq', 'integer'),
  column('organization', 'organization', 'text'),
  column('calls', 'calls', 'integer'),
  column('call_id', 'callId', 'text'),
  column('parent_call_id', 'parentCallId', 'text'),
  column('run_id', 'runId', 'text'),
  column('called_at', 'at', 'integer'),
  column('recorded_at', 'recordedAt', 'integer'),
  column('agent', 'agent', 'text'),
  column('model', 'model', 'text'),
  column('model_requested', 'modelRequested', 'text'),
  column('seller', 'seller', 'text'),
  column('workflow', 'workflow', 'text'),
  column('session_id', 'sessionId', 'text'),
  column('user_id', 'userId', 'text'),
  column('team', 'team', 'text'),
  column('project', 'project', 'text'),
  column('cost_center', 'costCenter', 'text'),
  column('action', 'action', 'text'),
  column('key_id', 'keyId', 'text'),
  column('tags', 'tags', 'tags'),
  column('source', 'source', 'text'),
  column('success', 'success', 'boolean'),
  column('error_code', 'errorCode', 'text'),
  column('latency_ms', 'latencyMs', 'integer'),
  column('input_tokens', 'inputTokens', 'integer'),
  column('cache_read_tokens', 'cacheReadTokens', 'integer'),
  column('cache_write_tokens', 'cacheWriteTokens', 'integer'),
  column('output_tokens', 'outputTokens', 'integer'),
  column('reasoning_tokens', 'reasoningTokens', 'integer'),
  column('usage_evidence', 'usageEvidence', 'text'),
  column('status', 'status', 'text'),
  column('cost', 'cost', 'money'),
  column('unpriced', 'unpriced', 'integer'),
  column('uncertain', 'uncertain', 'integer'),
  column('tier', 'tier', 'text'),
  column('fingerprint', 'fingerprint', 'text'),
]

export const RUN_PART_COLUMNS: readonly Column<RunPart>[] = [
  column('seq', 'seq', 'integer'),
  column('organization', 'organization', 'text'),
  column('run_id', 'runId', 'text'),
  column('parent_run_id', 'parentRunId', 'text'),
  column('workflow', 'workflow', 'text'),
  column('session_id', 'sessionId', 'text'),
  column('user_id', 'userId', 'text'),
  column('team', 'team', 'text'),
  column('project', 'project', 'text'),
  column('cost_center', 'costCenter', 'text'),
  column('started_at', 'startedAt', 'integer'),
  column('start_given', 'startGiven', 'boolean'),
  column('ended_at', 'endedAt', 'integer'),
  column('end_given', 'endGiven', 'boolean'),
  column('success', 'success', 'boolean'),
  column('error_code', 'errorCode', 'text'),
]

export const SESSION_PART_COLUMNS: readonly Column<SessionPart>[] = [
  column('seq', 'seq', 'integer'),
  column('organization', 'organization', 'text'),
  column('session_id', 'sessionId', 'text'),
  column('user_id', 'userId', 'text'),
  column('started_at', 'startedAt', 'integer'),
  column('start_given', 'startGiven', 'boolean'),
  column('ended_at', 'endedAt', 'integer'),
  column('end_given', 'endGiven', 'boolean'),
]

const SQL_TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  money: COST_TYPE,
  sum: SUM_TYPE,
  tags: 'MAP(VARCHAR, VARCHAR)',
} as const

export function sqlType(kind: Column<unknown>['kind']): string {
  return SQL_TYPES[kind]
}

const COST = DECIMAL(18, 12)

const DUCK_TYPES: Readonly<Record<Column<unknown>['kind'], DuckDBType>> = {
  text: VARCHAR,
  integer: BIGINT,
  boolean: BOOLEAN,
  money: COST,
  sum: DECIMAL(38, 12),
  tags: MAP(VARCHAR, VARCHAR),
}

export function duckType(kind: Column<unknown>['kind']): DuckDBType {
  return DUCK_TYPES[kind]
}

const COST_MAX = 10n ** 18n

/** A record's value as the store takes it. */
export function toDuck(kind: Column<unknown>['kind'], value: unknown): DuckDBValue {
  if (value === null) return null
  switch (kind) {
    case 'text':
      return value as string
    case 'boolean':
      return value as boolean
    case 'integer':
      return BigInt(value as number)
    case 'money': {
      const amount = value as bigint
      assert(amount < COST_MAX && amount > -COST_MAX, 'the cost of one call fits into 18 digits')
      return new DuckDBDecimalValue(amount, 18, 12)
    }
    case 'sum':
      return new DuckDBDecimalValue(value as bigint, 38, 12)
    case 'tags': {
      const entries = Object.entries(value as Record<string, string>)
      return entries.length === 0 ? null : new DuckDBMapValue(entries.map(([key, text]) => ({ key, value: text })))
    }
  }
}

/** The store's value as a record holds it. */
export function fromDuck(kind: Column<unknown>['kind'], value: DuckDBValue): unknown {
  if (kind === 'tags') return value === null ? {} : tagsOf(value)
  if (value === null) return null
  if (kind === 'integer') return Number(value)
  if (kind === 'money' || kind === 'sum') return picosOf(value)
  return value
}

/** An exact amount out of a decimal of twelve places; null stays null. */
export function picosOf(value: DuckDBValue): Picos {
  assert(value instanceof DuckDBDecimalValue && value.scale === 12, 'money comes as a decimal of twelve places')
  return picos(value.value)
}

function tagsOf(value: DuckDBValue): Record<string, string> {
  assert(value instanceof DuckDBMapValue, 'tags come as a map')
  return Object.fromEntries(value.entries.map((entry) => [entry.key, entry.value]))
}

/**
 * 53 bits over what makes two requests the same. Not a promise of equality: what shares a hash is compared by its text.
 * (Two 32-bit multiply-xor lanes, the construction known as cyrb53.)
 */
export function requestHash(row: CallRow): bigint | null {
  if (row.fingerprint === null) return null
  const text = `${row.organization}\u0000${row.model}\u0000${row.fingerprint}`
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    low = Math.imul(low ^ unit, 2_654_435_761)
    high = Math.imul(high ^ unit, 1_597_334_677)
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  return BigInt(4_294_967_296 * (2_097_151 & high) + (low >>> 0))
}
