/**
 * The one registry of error codes. Each code is stable, has one HTTP status, one title, and says whether trying the same thing
 * again can help, and what to do about it (`remedy`). `docs/errors.md` is generated from it, and a test checks that every code is
 * raised somewhere.
 */
export const ERRORS = {
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON',
    retryable: false,
    remedy: 'Send a JSON document in UTF-8; the detail says where reading stopped.',
  },
  invalid_field: {
    status: 400,
    title: 'A field has a wrong value',
    retryable: false,
    remedy: 'Correct the field that `path` points to; the detail says which values it takes.',
  },
  missing_field: { status: 400, title: 'A required field is missing', retryable: false, remedy: 'Send the field that `path` points to.' },
  unknown_field: {
    status: 400,
    title: 'A field is not known here',
    retryable: false,
    remedy: 'Leave the field out or correct its spelling; the API document lists the fields.',
  },
  invalid_time: {
    status: 400,
    title: 'A time is impossible or too far off',
    retryable: false,
    remedy: 'Send an RFC 3339 time that exists and is not far in the past or the future.',
  },
  invalid_period: {
    status: 400,
    title: 'A period cannot be read',
    retryable: false,
    remedy: 'Use a period such as `day` or `month`, a range such as `7d`, and an IANA time zone.',
  },
  unknown_dimension: {
    status: 400,
    title: 'There is no such dimension',
    retryable: false,
    remedy: 'Use one of the dimensions that the detail lists, or a tag as `tag:name`.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The content type is not supported',
    retryable: false,
    remedy: 'Send `Content-Type: application/json`, or the type that the path documents.',
  },
  too_large: {
    status: 413,
    title: 'The body or batch is too large',
    retryable: false,
    remedy: 'Send smaller batches; the detail names the limit.',
  },
  too_deep: {
    status: 400,
    title: 'The body is nested too deeply',
    retryable: false,
    remedy: 'Flatten the document; the detail names the limit.',
  },
  unauthenticated: {
    status: 401,
    title: 'A valid key is required',
    retryable: false,
    remedy: 'Send a valid key as `Authorization: Bearer`.',
  },
  invalid_signature: {
    status: 401,
    title: 'The signature of the request does not hold',
    retryable: false,
    remedy: 'Sign each request anew, over what the detail names, with a key that is registered; the detail says what was wrong.',
  },
  too_early: {
    status: 425,
    title: 'The request may have been seen before this server started',
    retryable: true,
    remedy: 'Sign the request anew and send it again.',
  },
  forbidden: {
    status: 403,
    title: 'The key may not do this',
    retryable: false,
    remedy: 'Use a key of that organization with permission for this operation.',
  },
  host_not_allowed: {
    status: 403,
    title: 'Local mode answers only to loopback host names',
    retryable: false,
    remedy: 'Call the server by `localhost` or `127.0.0.1`, or require keys.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing here',
    retryable: false,
    remedy: 'Check the path, the id and the organization of the key.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The path does not take this method',
    retryable: false,
    remedy: 'Use a method that the `Allow` header lists.',
  },
  id_reused: {
    status: 409,
    title: 'The same id was used before with another body',
    retryable: false,
    remedy: 'Use a new id for a new thing; to repeat a request, repeat it unchanged. The detail names the field that differs.',
  },
  already_ended: {
    status: 409,
    title: 'It has ended with another outcome',
    retryable: false,
    remedy: 'Read what was recorded; an end is recorded once.',
  },
  already_billed: {
    status: 409,
    title: 'That time is billed already',
    retryable: false,
    remedy: 'Credit the invoice that the detail names as a whole and issue it again, or bill another time.',
  },
  unbillable: {
    status: 409,
    title: 'There is nothing to bill',
    retryable: false,
    remedy: 'Look at the calls of that time in the cost report; where prices are missing, set them: `purser rates missing`.',
  },
  cycle: {
    status: 409,
    title: 'A run or call cannot be its own ancestor',
    retryable: false,
    remedy: 'Name a parent that is not below the run or call itself.',
  },
  budget_exceeded: {
    status: 402,
    title: 'A budget does not allow this call',
    retryable: false,
    remedy: 'Ask for less, use a cheaper model, or wait until `resets_at`; the detail and `refused_by` name every budget that refuses.',
  },
  insufficient_funds: {
    status: 402,
    title: 'The wallet does not hold enough',
    retryable: false,
    remedy: 'Move less, or deposit into the wallet; the detail says what can be spent and what is held for calls under way.',
  },
  price_unknown: {
    status: 402,
    title: 'A budget does not let unknown prices pass',
    retryable: false,
    remedy: 'Set a rate for the model, use one with a known price, or change the policy of the budgets that `refused_by` names.',
  },
  throttled: {
    status: 429,
    title: 'A breaker holds this call back',
    retryable: true,
    remedy: 'Ask again with the same id after the seconds in `Retry-After`; `breakers` names every breaker that holds it back.',
  },
  breaker_open: {
    status: 403,
    title: 'A breaker does not let this call pass',
    retryable: false,
    remedy: 'End the loop that opened it; `breakers` names every breaker that objects, and `available_at` when calls pass again.',
  },
  agent_paused: {
    status: 403,
    title: 'The agent is paused',
    retryable: false,
    remedy: 'Look at the reason, then resume the agent; calls that are under way may still be reported.',
  },
  agent_stopped: {
    status: 403,
    title: 'The agent or its organization is stopped',
    retryable: false,
    remedy: 'An operator resumes it and says why; calls that are under way may still be reported.',
  },
  unpublishable_rate: {
    status: 422,
    title: 'A rate does not pass the publication gate',
    retryable: false,
    remedy: 'Correct the rate; the detail names the test that it failed.',
  },
  query_refused: {
    status: 400,
    title: 'The query is not a read of the published tables',
    retryable: false,
    remedy: 'Send one SELECT over the published tables and views.',
  },
  query_failed: {
    status: 400,
    title: 'The query could not be run',
    retryable: false,
    remedy: 'Correct the SQL; the detail carries the message of the store.',
  },
  query_limit: {
    status: 422,
    title: 'The query went over its time or row limit',
    retryable: false,
    remedy: 'Narrow the query by time or filter, or ask for fewer rows.',
  },
  projection_behind: {
    status: 503,
    title: 'Analytics have not caught up with the journal yet',
    retryable: true,
    remedy: 'Try again after the seconds in `Retry-After`; nothing is lost.',
  },
  overloaded: {
    status: 503,
    title: 'Too much is waiting',
    retryable: true,
    remedy: 'Try again after the seconds in `Retry-After`, with the same id.',
  },
  unavailable: {
    status: 503,
    title: 'The store cannot take writes',
    retryable: true,
    remedy: 'Try again later with the same id; look at the disk and the log of the server.',
  },
  internal: {
    status: 500,
    title: 'A fault of ours',
    retryable: true,
    remedy: 'Try again with the same id; if it stays, report the request id of the answer.',
  },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean; remedy: string }>

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
