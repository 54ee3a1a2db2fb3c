import { type Static, Type } from '@sinclair/typebox'
import { Id, Name, Nullable } from '../scalars.ts'

const ENDPOINTS = ['chat', 'completions', 'responses', 'messages', 'generate', 'embeddings'] as const
const Endpoint = Type.Union(
  ENDPOINTS.map((endpoint) => Type.Literal(endpoint)),
  { description: 'What a request asks for: chat completions, legacy completions, responses, messages, generateContent, embeddings.' },
)
const Model = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f*]+$',
  description: 'The name of a model, exactly.',
})
const Upstream = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'An upstream by its name: openai, anthropic, or one declared here.',
})

const several = <T extends Parameters<typeof Type.Array>[0]>(item: T, description: string) =>
  Type.Optional(Nullable(Type.Array(item, { minItems: 1, maxItems: 100, description })))
const Match = Type.Object(
  {
    keys: several(Id, 'Ids of keys.'),
    upstreams: several(Upstream, 'Names of upstreams.'),
    endpoints: several(Endpoint, 'What is asked for.'),
    models: several(
      Type.String({ minLength: 1, maxLength: 256, description: 'A name; `*` stands for any text.' }),
      'Models that are asked for.',
    ),
    agents: several(Name, 'Names of agents.'),
    teams: several(Name, 'Names of teams.'),
  },
  {
    additionalProperties: false,
    description: 'Which calls it is for: those that match everything that is said here. Nothing said: all calls.',
  },
)

const Target = { upstream: Type.Optional(Nullable(Upstream)), model: Model }
const cache = {
  mode: Type.Union([Type.Literal('exact'), Type.Literal('semantic')], {
    description: 'exact: the same request. semantic: the same, and requests whose last turn means nearly the same.',
  }),
  ttl_seconds: Type.Integer({ minimum: 1, maximum: 2_592_000, description: 'How old an answer may be.' }),
  scope: Type.Optional(
    Nullable(
      Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('organization')], {
        description:
          'Who shares answers: calls for the same user (when left out), of the same agent, or all of the organization. A call that does not say its user, or agent, is then not cached.',
      }),
    ),
  ),
  threshold: Type.Optional(
    Nullable(
      Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'The least cosine similarity of a semantic hit; for semantic alone.' }),
    ),
  ),
  embeddings: Type.Optional(
    Nullable(
      Type.Object(
        { upstream: Upstream, model: Model },
        {
          additionalProperties: false,
          description: 'What makes the embeddings, in the dialect of OpenAI; for semantic alone. Each is a call with a cost of its own.',
        },
      ),
    ),
  ),
  max_answer_bytes: Type.Optional(
    Nullable(Type.Integer({ minimum: 1, maximum: 4_194_304, description: 'Longer answers are not kept. 262144 when left out.' })),
  ),
  tool_calls: Type.Optional(Nullable(Type.Boolean({ description: 'Whether answers that call tools are kept too. No when left out.' }))),
} as const

const FAILURES = ['timeout', 'connection', 'rate_limited', 'server_error', 'overloaded'] as const
const onError = {
  errors: Type.Optional(
    Nullable(
      Type.Array(
        Type.Union(
          FAILURES.map((failure) => Type.Literal(failure)),
          { description: 'timeout, connection: no answer. rate_limited: 429. overloaded: 529. server_error: another 5xx.' },
        ),
        {
          minItems: 1,
          maxItems: FAILURES.length,
          uniqueItems: true,
          description: 'Which failures lead to the next route. All of them when left out.',
        },
      ),
    ),
  ),
  timeout_seconds: Type.Optional(
    Nullable(
      Type.Integer({
        minimum: 1,
        maximum: 3_600,
        description:
          'How long an answer may take to begin while another route is left. What was sent until then may be billed. As long as any when left out.',
      }),
    ),
  ),
  routes: Type.Array(Type.Object(Target, { additionalProperties: false }), {
    minItems: 1,
    maxItems: 5,
    description: 'Tried in this order, each once. Without an upstream: the one that the call was for.',
  }),
} as const
const cheapest = {
  candidates: Type.Array(Type.Object(Target, { additionalProperties: false }), {
    minItems: 1,
    maxItems: 20,
    description: 'Models that may answer in place of the one that was asked for. It is among them only when it is named.',
  }),
  quality: Type.Record(Type.String({ minLength: 1, maxLength: 256 }), Type.Number({ minimum: 0, maximum: 1_000_000 }), {
    maxProperties: 100,
    description: 'Your own scores of models, on any scale. A model without one does not qualify: nothing is guessed.',
  }),
  quality_floor: Type.Number({ minimum: 0, maximum: 1_000_000, description: 'The least score that qualifies.' }),
} as const
const Routing = Type.Object(
  {
    on_error: Type.Optional(Nullable(Type.Object(onError, { additionalProperties: false }))),
    cheapest: Type.Optional(Nullable(Type.Object(cheapest, { additionalProperties: false }))),
  },
  { additionalProperties: false },
)

export const GatewayPolicySet = Type.Object(
  {
    policy_id: Type.Optional(Nullable(Id)),
    name: Type.Optional(Nullable(Name)),
    priority: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 0,
          maximum: 1_000_000,
          description:
            'Of the policies that match a call the one with the lowest number holds, alone. 100 when left out. Two that could match one call need different numbers.',
        }),
      ),
    ),
    enabled: Type.Optional(Nullable(Type.Boolean({ description: 'Yes when left out. One that is not is kept and matches nothing.' }))),
    match: Type.Optional(Nullable(Match)),
    cache: Type.Optional(Nullable(Type.Object(cache, { additionalProperties: false }))),
    routing: Type.Optional(Nullable(Routing)),
    budget_status: Type.Optional(
      Nullable(
        Type.Union([Type.Literal(402), Type.Literal(403), Type.Literal(429)], {
          description:
            'With what status a refusal by budget is answered, for clients that stop at one of these only. 402 when left out, 429 for Claude Code.',
        }),
      ),
    ),
    organization_id: Type.Optional(Nullable(Id)),
  },
  { $id: 'GatewayPolicySet', additionalProperties: false },
)

const texts = Nullable(Type.Array(Type.String()))
const answeredTarget = Type.Object({ upstream: Nullable(Type.String()), model: Type.String() })
export const GatewayPolicyAnswer = Type.Object(
  {
    policy_id: Type.String(),
    organization_id: Type.String(),
    name: Nullable(Type.String()),
    priority: Type.Integer(),
    enabled: Type.Boolean(),
    match: Type.Object({
      keys: texts,
      upstreams: texts,
      endpoints: Nullable(Type.Array(Endpoint)),
      models: texts,
      agents: texts,
      teams: texts,
    }),
    cache: Nullable(
      Type.Object({
        mode: cache.mode,
        ttl_seconds: Type.Integer(),
        scope: Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('organization')]),
        threshold: Nullable(Type.Number()),
        embeddings: Nullable(Type.Object({ upstream: Type.String(), model: Type.String() })),
        max_answer_bytes: Type.Integer(),
        tool_calls: Type.Boolean(),
      }),
    ),
    budget_status: Nullable(Type.Union([Type.Literal(402), Type.Literal(403), Type.Literal(429)])),
    routing: Type.Object({
      on_error: Nullable(
        Type.Object({
          errors: Type.Array(Type.Union(FAILURES.map((failure) => Type.Literal(failure)))),
          timeout_seconds: Nullable(Type.Integer()),
          routes: Type.Array(answeredTarget),
        }),
      ),
      cheapest: Nullable(
        Type.Object({
          candidates: Type.Array(answeredTarget),
          quality: Type.Record(Type.String(), Type.Number()),
          quality_floor: Type.Number(),
        }),
      ),
    }),
  },
  { $id: 'GatewayPolicy' },
)
export const GatewayPoliciesQuery = Type.Object(
  { organization_id: Type.Optional(Id) },
  { $id: 'GatewayPoliciesQuery', additionalProperties: false },
)
export const GatewayPolicies = Type.Object(
  { policies: Type.Array(Type.Ref('GatewayPolicy'), { description: 'In the order in which they are looked at.' }) },
  { $id: 'GatewayPolicies' },
)
export const GatewayPolicyRemove = Type.Object(
  { policy_id: Id, organization_id: Type.Optional(Id) },
  { $id: 'GatewayPolicyRemove', additionalProperties: false },
)
export const GatewayPolicyRemoved = Type.Object(
  { policy_id: Type.String(), organization_id: Type.String() },
  { $id: 'GatewayPolicyRemoved' },
)

export type GatewayPolicySet = Static<typeof GatewayPolicySet>
export type GatewayPolicyAnswer = Static<typeof GatewayPolicyAnswer>
export type GatewayPolicies = Omit<Static<typeof GatewayPolicies>, 'policies'> & { readonly policies: readonly GatewayPolicyAnswer[] }
export type GatewayPolicyRemoved = Static<typeof GatewayPolicyRemoved>
