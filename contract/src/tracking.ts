import { type Static, Type } from '@sinclair/typebox'
import type { Overrun } from './budgets.ts'
import { Id, Name, Nullable, PromptFingerprint, Quantity, Tags, Time, UsdInput, UsdNumber, UsdText } from './scalars.ts'

/** Who and what a cost belongs to. What a call does not say it inherits from its run, then its session, then its key. */
const attribution = {
  organization_id: Type.Optional(Nullable(Id)),
  user_id: Type.Optional(Nullable(Id)),
  session_id: Type.Optional(Nullable(Id)),
  team: Type.Optional(Nullable(Name)),
  project: Type.Optional(Nullable(Name)),
  cost_center: Type.Optional(Nullable(Name)),
  tags: Type.Optional(Nullable(Tags)),
}

export const WorkflowStart = Type.Object(
  {
    workflow_id: Type.Optional(Nullable(Id)),
    workflow_name: Name,
    parent_workflow_id: Type.Optional(Nullable(Id)),
    agent_name: Type.Optional(Nullable(Name)),
    action: Type.Optional(Nullable(Name)),
    timestamp: Type.Optional(Nullable(Time)),
    ...attribution,
  },
  {
    $id: 'WorkflowStart',
    additionalProperties: false,
    description: 'One execution of a named workflow begins. Without workflow_id one is made.',
  },
)

export const WorkflowStarted = Type.Object(
  {
    workflow_id: Type.String(),
    workflow_name: Type.String(),
    organization_id: Type.String(),
    started_at: Type.String(),
    status: Type.Union([Type.Literal('running'), Type.Literal('succeeded'), Type.Literal('failed')], {
      description: 'Not `running` when its end came before this start, or the start is said again after the end.',
    }),
    notes: Type.Optional(
      Type.Array(Type.String(), {
        description: 'What a start that came after calls of its run cannot change any more. Absent when nothing.',
      }),
    ),
    replayed: Type.Boolean(),
  },
  { $id: 'WorkflowStarted' },
)

export const WorkflowEnd = Type.Object(
  {
    workflow_id: Id,
    success: Type.Optional(Type.Boolean({ default: true })),
    error: Type.Optional(Nullable(Type.String({ maxLength: 256 }))),
    timestamp: Type.Optional(Nullable(Time)),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'WorkflowEnd', additionalProperties: false },
)

export const WorkflowEnded = Type.Object(
  {
    workflow_id: Type.String(),
    organization_id: Type.String(),
    ended_at: Type.String(),
    status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed')]),
    replayed: Type.Boolean(),
  },
  { $id: 'WorkflowEnded' },
)

export const SessionStart = Type.Object(
  { timestamp: Type.Optional(Nullable(Time)), ...attribution, session_id: Type.Optional(Nullable(Id)) },
  { $id: 'SessionStart', additionalProperties: false, description: 'A user begins a session. Without session_id one is made.' },
)

export const SessionStarted = Type.Object(
  {
    session_id: Type.String(),
    organization_id: Type.String(),
    user_id: Nullable(Type.String()),
    started_at: Type.String(),
    replayed: Type.Boolean(),
  },
  { $id: 'SessionStarted' },
)

export const SessionEnd = Type.Object(
  { session_id: Id, timestamp: Type.Optional(Nullable(Time)), organization_id: Type.Optional(Nullable(Id)) },
  { $id: 'SessionEnd', additionalProperties: false },
)

export const SessionEnded = Type.Object(
  { session_id: Type.String(), organization_id: Type.String(), ended_at: Type.String(), replayed: Type.Boolean() },
  { $id: 'SessionEnded' },
)

export const ServiceTier = Type.Union(
  (['standard', 'batch', 'flex', 'priority', 'fast', 'ultrafast', 'provisioned'] as const).map((tier) => Type.Literal(tier)),
  { description: 'The tier the provider says it served, not the one asked for.' },
)

/** What a call consumed: counters, or the provider's response from which they are read, and the facts that select a rate. */
export const consumption = {
  provider: Type.Optional(
    Nullable(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Who invoices: openai, anthropic, google, aws, azure, openrouter, … Inferred from the model when left out.',
      }),
    ),
  ),
  input_tokens: Type.Optional(Nullable(Quantity)),
  output_tokens: Type.Optional(Nullable(Quantity)),
  cache_read_tokens: Type.Optional(Nullable(Quantity)),
  cache_write_tokens: Type.Optional(Nullable(Quantity)),
  cache_write_1h_tokens: Type.Optional(Nullable(Quantity)),
  reasoning_tokens: Type.Optional(Nullable(Quantity)),
  input_audio_tokens: Type.Optional(Nullable(Quantity)),
  output_audio_tokens: Type.Optional(Nullable(Quantity)),
  web_searches: Type.Optional(Nullable(Quantity)),
  response: Type.Optional(
    Type.Unknown({ description: "The provider's response object, e.g. {model, usage, service_tier}. Content may be removed." }),
  ),
  service_tier: Type.Optional(Nullable(ServiceTier)),
  region: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
  cost_usd: Type.Optional(Nullable(UsdInput)),
}

/**
 * One call of an agent to a model. Give the counters, or the provider's own `response` (its text may be removed), from which they are read.
 * `input_tokens` is the total including cached tokens, `output_tokens` the total including reasoning; the others are parts of those totals.
 */
export const TrackCall = Type.Object(
  {
    call_id: Type.Optional(Nullable(Id)),
    agent_name: Type.Optional(Nullable(Name)),
    model: Type.Optional(Nullable(Name)),
    ...consumption,
    latency_ms: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 2_592_000_000 }))),
    success: Type.Optional(Type.Boolean({ default: true })),
    error: Type.Optional(Nullable(Type.String({ maxLength: 256 }))),
    workflow_id: Type.Optional(Nullable(Id)),
    workflow_name: Type.Optional(Nullable(Name)),
    parent_call_id: Type.Optional(Nullable(Id)),
    action: Type.Optional(Nullable(Name)),
    prompt_fingerprint: Type.Optional(Nullable(PromptFingerprint)),
    timestamp: Type.Optional(Nullable(Time)),
    source: Type.Optional(
      Nullable(
        Type.String({
          pattern: '^[a-z0-9][a-z0-9:._-]{0,63}$',
          description: 'What reported it, e.g. sdk or import:claude-code. Default: api.',
        }),
      ),
    ),
    ...attribution,
  },
  { $id: 'TrackCall', additionalProperties: false },
)

export const ChargeStatus = Type.Union(
  (['exact', 'estimated', 'ambiguous', 'partial', 'unpriced', 'attested'] as const).map((status) => Type.Literal(status)),
)

export const CallTracked = Type.Object(
  {
    call_id: Type.String(),
    organization_id: Type.String(),
    workflow_id: Nullable(Type.String()),
    model: Nullable(Type.String()),
    total_tokens: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Input and output. Null when the call reported none: not zero.',
    }),
    cost_usd: Type.Union([UsdNumber, Type.Null()], { description: 'Null when nothing could be priced: not zero.' }),
    cost: Type.Union([UsdText, Type.Null()], { description: 'The same amount, exact.' }),
    status: ChargeStatus,
    notes: Type.Array(Type.String(), { description: 'Why the cost is not exact, or what was assumed.' }),
    overrun: Type.Optional(Type.Ref('Overrun')),
    replayed: Type.Boolean({ description: 'True when this call had been posted before.' }),
  },
  { $id: 'CallTracked' },
)

export const TrackCalls = Type.Object(
  { calls: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000, description: 'Each like the body of calls/track.' }) },
  { $id: 'TrackCalls', additionalProperties: false },
)

export const CallsTracked = Type.Object(
  {
    accepted: Type.Integer(),
    replayed: Type.Integer(),
    refused: Type.Integer(),
    cost_usd: UsdNumber,
    cost: UsdText,
    unpriced: Type.Integer({ description: 'Accepted calls whose cost is not known.' }),
    results: Type.Array(
      Type.Union([
        Type.Object({
          index: Type.Integer(),
          call_id: Type.String(),
          cost: Type.Union([UsdText, Type.Null()]),
          status: ChargeStatus,
          replayed: Type.Optional(Type.Boolean()),
        }),
        Type.Object({ index: Type.Integer(), code: Type.String(), detail: Type.String(), path: Type.Optional(Type.String()) }),
      ]),
      { description: 'One per item, in order: what was posted, or why it was refused.' },
    ),
  },
  { $id: 'CallsTracked' },
)

export type WorkflowStart = Static<typeof WorkflowStart>
export type WorkflowStarted = Static<typeof WorkflowStarted>
export type WorkflowEnd = Static<typeof WorkflowEnd>
export type WorkflowEnded = Static<typeof WorkflowEnded>
export type SessionStart = Static<typeof SessionStart>
export type SessionStarted = Static<typeof SessionStarted>
export type SessionEnd = Static<typeof SessionEnd>
export type SessionEnded = Static<typeof SessionEnded>
export type TrackCall = Static<typeof TrackCall>
export type CallTracked = Omit<Static<typeof CallTracked>, 'overrun'> & { overrun?: Overrun }
export type TrackCalls = Static<typeof TrackCalls>
export type CallsTracked = Static<typeof CallsTracked>
