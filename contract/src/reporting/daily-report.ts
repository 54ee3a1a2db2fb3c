import { type Static, Type } from '@sinclair/typebox'
import { Id, Nullable } from '../scalars.ts'
import { REPORTED_USD_MAX } from './register.ts'

/** Lines of a breakdown. A day with more models than this is a day whose names hold ids. */
export const REPORT_LINES_MAX = 1_000

const Usd = Type.Number({ minimum: 0, maximum: REPORTED_USD_MAX, description: 'US dollars as a number from 0 to 1000000000' })
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000_000 })

const Breakdown = Type.Record(Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]{1,256}$' }), Usd, {
  maxProperties: REPORT_LINES_MAX,
  additionalProperties: false,
  description: 'US dollars by name. Together at most total_cost; what is missing to it is shown as a rest.',
})

export const DailyReportSubmit = Type.Object(
  {
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'an ISO 8601 date: YYYY-MM-DD' }),
    total_tokens: Count,
    total_cost: Usd,
    total_requests: Count,
    cost_by_model: Type.Optional(Nullable(Breakdown)),
    cost_by_action: Type.Optional(Nullable(Breakdown)),
    waste_categories: Type.Optional(Nullable(Breakdown)),
    efficiency_score: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 100, description: 'Self-assessed.' }))),
    metadata: Type.Optional(
      Type.Unknown({ description: 'An object with anything of your own, at most 16 KiB. It is kept and never read.' }),
    ),
    source: Type.Optional(
      Nullable(
        Type.String({
          minLength: 1,
          maxLength: 256,
          pattern: '^[^\\u0000-\\u001f\\u007f]+$',
          description:
            'Who reports, where several do for one organization: reports of different sources add up. A key of an agent reports as that agent.',
        }),
      ),
    ),
    organization_id: Type.Optional(Nullable(Id)),
  },
  {
    $id: 'DailyReportSubmit',
    additionalProperties: false,
    description: 'What a day has cost, added up. The same date (and source) again takes the place of the report before.',
  },
)

export const DailyReportSaved = Type.Object(
  {
    ok: Type.Literal(true),
    report_id: Type.String({ description: 'The same for a date, an organization and a source, for ever.' }),
    message: Type.String(),
    date: Type.String(),
    version: Type.Integer({ description: '1 for the first report of the date; each that differs from the one before counts on.' }),
    notes: Type.Array(Type.String(), { description: 'What was rounded, and what the breakdowns leave out.' }),
  },
  { $id: 'DailyReportSaved' },
)

export type DailyReportSubmit = Static<typeof DailyReportSubmit>
export type DailyReportSaved = Static<typeof DailyReportSaved>
