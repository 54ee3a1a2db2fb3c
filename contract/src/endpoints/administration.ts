import {
  AuditAnswer,
  AuditQuery,
  HealthAnswer,
  Nothing,
  RebuildAnswer,
  SqlAnswer,
  SqlQuery,
  VerifyAnswer,
  VersionAnswer,
} from '../administration.ts'
import { endpoint } from './endpoint.ts'

const family = 'Administration'

export const querySql = endpoint({
  operation: 'query_sql',
  method: 'POST',
  path: '/v1/finops/sql',
  input: SqlQuery,
  answer: SqlAnswer,
  permission: 'read',
  family,
  summary: 'Ask the published tables with SQL',
  description: 'One read-only SELECT, with a limit on time and rows. A key of an organization sees only its rows.',
  example: {
    input: { sql: "SELECT * FROM cost_attribution WHERE dimension = 'user' AND period_type = 'day' ORDER BY total_cost_usd DESC" },
  },
})

export const listAudit = endpoint({
  operation: 'list_audit',
  method: 'GET',
  path: '/v1/finops/audit',
  input: AuditQuery,
  answer: AuditAnswer,
  permission: 'manage',
  family,
  summary: 'Who changed which rule about money',
  example: { input: { limit: 100 } },
})

export const verifyBooks = endpoint({
  operation: 'verify',
  method: 'POST',
  path: '/v1/finops/verify',
  input: Nothing,
  answer: VerifyAnswer,
  permission: 'manage',
  family,
  summary: 'Compare journal, ledger and analytics to the last pico-dollar',
  example: { input: {} },
})

export const rebuildCalls = endpoint({
  operation: 'rebuild',
  method: 'POST',
  path: '/v1/finops/rebuild',
  input: Nothing,
  answer: RebuildAnswer,
  permission: 'manage',
  family,
  summary: 'Drop the analytics store and fill it again from the journal',
  example: { input: {} },
})

const actuator = { method: 'GET', input: Nothing, permission: 'open', family: 'Health' } as const

export const health = endpoint({
  ...actuator,
  operation: 'health',
  path: '/actuator/health',
  answer: HealthAnswer,
  summary: 'Whether the server can take calls',
  description: 'UP with its components once it can; 503 otherwise.',
  example: { input: {} },
})

export const liveness = endpoint({
  ...actuator,
  operation: 'liveness',
  path: '/actuator/health/liveness',
  answer: HealthAnswer,
  summary: 'Whether the process answers',
  example: { input: {} },
})

export const readiness = endpoint({
  ...actuator,
  operation: 'readiness',
  path: '/actuator/health/readiness',
  answer: HealthAnswer,
  summary: 'Whether the server wants requests',
  example: { input: {} },
})

export const version = endpoint({
  ...actuator,
  operation: 'version',
  path: '/actuator/info',
  answer: VersionAnswer,
  summary: 'What runs here',
  example: { input: {} },
})

export const ADMINISTRATION = [querySql, listAudit, verifyBooks, rebuildCalls, health, liveness, readiness, version] as const
