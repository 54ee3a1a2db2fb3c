import { type Static, Type } from '@sinclair/typebox'

/** RFC 9457 problem document. Facts of a refusal (limits, fields, counts) stand beside these members. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI for the kind of problem; its page says what to do.' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What was wrong with this request.' }),
    code: Type.String({ description: 'Stable, for programs.' }),
    path: Type.Optional(Type.String({ description: 'JSON pointer of the field that is wrong.' })),
    remedy: Type.String({ description: 'What usually helps.' }),
    retryable: Type.Boolean({ description: 'Whether sending the same thing again later can succeed.' }),
    request_id: Type.String(),
  },
  { $id: 'Problem', additionalProperties: true, description: 'Why a request was refused (RFC 9457, application/problem+json).' },
)

export type Problem = Static<typeof Problem>
