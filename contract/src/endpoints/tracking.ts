import { Nothing } from '../administration.ts'
import {
  CallsTracked,
  CallTracked,
  SessionEnd,
  SessionEnded,
  SessionStart,
  SessionStarted,
  TrackCall,
  TrackCalls,
  WorkflowEnd,
  WorkflowEnded,
  WorkflowStart,
  WorkflowStarted,
} from '../tracking.ts'
import { endpoint } from './endpoint.ts'

const family = 'Tracking'

export const startWorkflow = endpoint({
  operation: 'start_workflow',
  method: 'POST',
  path: '/v1/finops/workflows/start',
  input: WorkflowStart,
  answer: WorkflowStarted,
  permission: 'report',
  family,
  idempotencyField: 'workflow_id',
  summary: 'Start one execution of a workflow',
  description: 'Calls that name its workflow_id belong to it and inherit who and what it is for. Executions nest by parent_workflow_id.',
  example: {
    input: { workflow_name: 'Generate Report', user_id: 'user_123', session_id: 'session_456', organization_id: 'org_789' },
  },
})

export const endWorkflow = endpoint({
  operation: 'end_workflow',
  method: 'POST',
  path: '/v1/finops/workflows/end',
  input: WorkflowEnd,
  answer: WorkflowEnded,
  permission: 'report',
  family,
  summary: 'End an execution, with its outcome',
  example: { input: { workflow_id: 'workflow_abc', success: true } },
})

export const trackCall = endpoint({
  operation: 'track_call',
  method: 'POST',
  path: '/v1/finops/calls/track',
  input: TrackCall,
  answer: CallTracked,
  permission: 'report',
  family,
  idempotencyField: 'call_id',
  summary: 'Report one call of an agent',
  description: 'It is in the ledger, durably and once, when this answers. The same call_id with the same body answers the same.',
  example: {
    input: {
      agent_name: 'DataAnalyzer',
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 500,
      latency_ms: 2340,
      workflow_id: 'workflow_abc',
      parent_call_id: null,
    },
  },
})

export const trackCalls = endpoint({
  operation: 'track_calls',
  method: 'POST',
  path: '/v1/finops/calls/batch',
  input: TrackCalls,
  answer: CallsTracked,
  permission: 'report',
  family,
  idempotencyItems: { list: 'calls', field: 'call_id' },
  summary: 'Report many calls',
  description: 'Good items are posted; refused ones are listed by their index with the reason, and change nothing.',
  example: {
    input: {
      calls: [
        { agent_name: 'DataFetcher', model: 'gpt-4o-mini', input_tokens: 400, output_tokens: 100 },
        { agent_name: 'Analyzer', model: 'gpt-4o', input_tokens: 1500, output_tokens: 500, cache_read_tokens: 1024 },
      ],
    },
  },
})

export const startSession = endpoint({
  operation: 'start_session',
  method: 'POST',
  path: '/v1/finops/sessions/start',
  input: SessionStart,
  answer: SessionStarted,
  permission: 'report',
  family,
  idempotencyField: 'session_id',
  summary: 'Start a user session',
  example: { input: { session_id: 'session_456', user_id: 'user_123', organization_id: 'org_789' } },
})

export const endSession = endpoint({
  operation: 'end_session',
  method: 'POST',
  path: '/v1/finops/sessions/{session_id}/end',
  input: SessionEnd,
  answer: SessionEnded,
  permission: 'report',
  family,
  summary: 'End a user session',
  example: { input: { session_id: 'session_456' } },
})

export const ping = endpoint({
  operation: 'ping',
  method: 'POST',
  path: '/v1/finops/ping',
  input: Nothing,
  answer: Nothing,
  permission: 'report',
  family,
  summary: 'Do nothing, with a key that may report',
  description: 'For a client that checks its set-up, and as the yardstick of benchmarks.',
  example: { input: {} },
})

export const TRACKING = [startWorkflow, endWorkflow, trackCall, trackCalls, startSession, endSession, ping] as const
