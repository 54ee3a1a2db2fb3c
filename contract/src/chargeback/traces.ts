import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable, Quantity, Tags, Time, UsdInput, UsdNumber, UsdText } from '../scalars.ts'
import { ChargeStatus } from '../tracking.ts'

const optional = {
  id: Type.Optional(Nullable(Id)),
  name: Type.Optional(Nullable(Name)),
  quantity: Type.Optional(Nullable(Quantity)),
}

/** One execution of an agent, as its tracing reports it. A tracer sends more than is read here; what is not read is named in the answer. */
export const IngestTrace = Type.Object(
  {
    agentId: Name,
    traceId: optional.id,
    modelId: optional.name,
    provider: optional.name,
    input: Type.Optional(
      Type.Unknown({
        description: 'Any text or JSON. It is not kept; where only `tokensUsed` is given, its length tells how to divide them.',
      }),
    ),
    output: Type.Optional(Type.Unknown({ description: 'Any text or JSON. It is not kept.' })),
    tokensUsed: Type.Optional(Nullable(Quantity)),
    inputTokens: optional.quantity,
    outputTokens: optional.quantity,
    cachedInputTokens: optional.quantity,
    reasoningTokens: optional.quantity,
    costUsd: Type.Optional(Nullable(UsdInput)),
    costCenter: optional.name,
    project: optional.name,
    team: optional.name,
    userId: optional.id,
    sessionId: optional.id,
    workflowId: optional.id,
    workflowName: optional.name,
    parentTraceId: optional.id,
    action: optional.name,
    tags: Type.Optional(Nullable(Tags)),
    status: Type.Optional(
      Nullable(Type.String({ maxLength: 64, description: 'error, failed, failure or timeout: it failed. `success` outranks it.' })),
    ),
    success: Type.Optional(Nullable(Type.Boolean())),
    error: Type.Optional(Nullable(Type.String({ maxLength: 256 }))),
    durationMs: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 2_592_000_000 }))),
    timestamp: Type.Optional(Nullable(Time)),
    organizationId: optional.id,
  },
  {
    $id: 'IngestTrace',
    description: 'One execution of an agent. The dimensions are optional; a trace without them is in every total, as unattributed.',
  },
)

export const TraceIngested = Type.Object(
  {
    traceId: Type.String(),
    organizationId: Type.String(),
    agentId: Type.String(),
    modelId: Nullable(Type.String()),
    costCenter: Nullable(Type.String()),
    project: Nullable(Type.String()),
    team: Nullable(Type.String()),
    tokensUsed: Nullable(Type.Integer({ description: 'Null when the trace reported none: not zero.' })),
    costUsd: Nullable(UsdNumber),
    costUsdExact: Nullable(UsdText),
    status: ChargeStatus,
    notes: Type.Array(Type.String(), { description: 'Why the cost is not exact, or what was assumed.' }),
    ignored: Type.Array(Type.String(), { description: 'Fields that were sent and are not read.' }),
    replayed: Type.Boolean(),
  },
  { $id: 'TraceIngested' },
)

export type IngestTrace = Static<typeof IngestTrace>
export type TraceIngested = Static<typeof TraceIngested>
