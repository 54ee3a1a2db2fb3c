import type { RequestEndpoint, Usage } from '../../../usage/index.ts'

interface Spoken {
  readonly endpoint: RequestEndpoint
  readonly status: number
  readonly contentType: string
  readonly characters: number | undefined
}

/** Speech comes without usage and is sold by the character that was asked to be spoken: that is counted in the request. Anything else stays as it was read. */
export function spokenUsage(usage: Usage, { endpoint, status, contentType, characters }: Spoken): Usage {
  if (endpoint !== 'speech' || status >= 400 || characters === undefined || /json|event-stream/.test(contentType)) return usage
  const model = usage.modelServed ?? usage.modelRequested ?? ''
  return {
    ...usage,
    inferences: [{ model, kind: 'other', meters: { characters }, evidence: { characters: 'derived' } }],
    notes: [],
    outcome: { ok: true },
  }
}
