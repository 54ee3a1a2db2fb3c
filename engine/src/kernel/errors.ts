/**
 * The one registry of error codes. Each code is stable, has one HTTP status, one title, and says whether trying the same thing
 * again can help. `docs/errors.md` is generated from it and a test checks that every code is raised somewhere.
 */
export const ERRORS = {
  invalid_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  invalid_field: { status: 400, title: 'A field has a wrong value', retryable: false },
  missing_field: { status: 400, title: 'A required field is missing', retryable: false },
  unknown_field: { status: 400, title: 'A field is not known here', retryable: false },
  invalid_time: { status: 400, title: 'A time is impossible or too far off', retryable: false },
  invalid_period: { status: 400, title: 'A period cannot be read', retryable: false },
  unknown_dimension: { status: 400, title: 'There is no such dimension', retryable: false },
  unsupported_media_type: { status: 415, title: 'The content type is not supported', retryable: false },
  too_large: { status: 413, title: 'The body or batch is too large', retryable: false },
  too_deep: { status: 400, title: 'The body is nested too deeply', retryable: false },
  unauthenticated: { status: 401, title: 'A valid key is required', retryable: false },
  forbidden: { status: 403, title: 'The key may not do this', retryable: false },
  host_not_allowed: { status: 403, title: 'Local mode answers only to loopback host names', retryable: false },
  not_found: { status: 404, title: 'There is no such thing here', retryable: false },
  method_not_allowed: { status: 405, title: 'The path does not take this method', retryable: false },
  id_reused: { status: 409, title: 'The same id was used before with another body', retryable: false },
  already_ended: { status: 409, title: 'It has ended with another outcome', retryable: false },
  cycle: { status: 409, title: 'A run or call cannot be its own ancestor', retryable: false },
  unpublishable_rate: { status: 422, title: 'A rate does not pass the publication gate', retryable: false },
  query_refused: { status: 400, title: 'The query is not a read of the published tables', retryable: false },
  query_failed: { status: 400, title: 'The query could not be run', retryable: false },
  query_limit: { status: 422, title: 'The query went over its time or row limit', retryable: false },
  projection_behind: { status: 503, title: 'Analytics have not caught up with the journal yet', retryable: true },
  overloaded: { status: 503, title: 'Too much is waiting', retryable: true },
  unavailable: { status: 503, title: 'The store cannot take writes', retryable: true },
  internal: { status: 500, title: 'A fault of ours', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>

export type ErrorCode = keyof typeof ERRORS

/** Why something was refused, in words for its reader: what was wrong, where (`path`, a JSON pointer), what to do. */
export interface Refusal {
  readonly code: ErrorCode
  readonly detail: string
  readonly path?: string
  /** Facts a program can use, copied into the problem document. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export function refusal(code: ErrorCode, detail: string, where: { path?: string; facts?: Record<string, unknown> } = {}): Refusal {
  return {
    code,
    detail,
    ...(where.path === undefined ? {} : { path: where.path }),
    ...(where.facts === undefined ? {} : { facts: where.facts }),
  }
}
