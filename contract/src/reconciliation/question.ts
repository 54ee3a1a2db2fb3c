import { type Static, Type } from '@sinclair/typebox'
import { Id } from '../scalars.ts'

const names = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 1_000 })

export const ReconcileQuestion = Type.Object(
  {
    organization_id: Type.Optional(Id),
    provider: Type.Optional(
      Type.Union([Type.Literal('openai'), Type.Literal('anthropic')], {
        description: 'Whose report it is. Found out from the pages; where it is said, pages of another provider are refused.',
      }),
    ),
    pages: Type.Array(Type.Unknown(), {
      minItems: 1,
      maxItems: 10_000,
      description:
        "The provider's own answers, page by page, in any order: OpenAI `/v1/organization/costs` and `/v1/organization/usage/*`, Anthropic `/v1/organizations/cost_report` and `/v1/organizations/usage_report/messages`. Costs grouped by line item (`group_by=line_item`, `group_by[]=description`) are compared by model and meter, others by day.",
    }),
    from: Type.Optional(
      Type.String({ maxLength: 40, description: 'RFC 3339 time or date, inclusive. Default: what the report speaks of.' }),
    ),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time or date, exclusive.' })),
    projects: Type.Optional(names),
    workspaces: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        maxItems: 1_000,
        description: 'Lines of these workspaces only; `default` is the one without an id.',
      }),
    ),
    api_keys: Type.Optional(names),
    tolerance_cents: Type.Optional(
      Type.Union([Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,10})?$' }), Type.Number({ minimum: 0, maximum: 1_000_000 })], {
        description: 'How far the two amounts of a line may lie apart, in cents. Default 0.5: the difference rounds to no cent.',
      }),
    ),
    call_ids: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000, description: 'How many ids of calls are told of each line. Default 10.' }),
    ),
    lines: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('differences')], { description: 'Which lines are listed. Default all.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'Lines listed at most. Default 10000.' })),
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
  },
  { $id: 'ReconcileQuestion', additionalProperties: false },
)
export type ReconcileQuestion = Static<typeof ReconcileQuestion>
