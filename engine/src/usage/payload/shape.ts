import type { ServiceTier } from '../usage.ts'
import type { Draft } from './draft.ts'
import type { JsonObject } from './json.ts'

/** What is known of a call before its response is read. */
export interface CallFacts {
  readonly seller: string
  readonly modelRequested: string | null
  readonly url: string
  readonly tier: ServiceTier | null
  /** The request body, where the caller has it: cache lifetimes, search size and the text to estimate input from are only there. */
  readonly request: JsonObject | undefined
}

/** Gathers the payloads of one response: one for a JSON body, many for a stream. */
export interface ShapeReader {
  take(payload: JsonObject): void
  /** Writes what was gathered; false when the provider reported no usage (the inference is then written with its totals missing). */
  write(draft: Draft): boolean
  /** Text delivered so far, for estimates. */
  text(): string
  /** Whether the provider's own end mark was seen. */
  finished(): boolean
}

/** One API shape: how to recognise its payloads and how to read them. */
export interface Shape {
  readonly endpoint: string
  recognises(payload: JsonObject, call: CallFacts): boolean
  open(call: CallFacts): ShapeReader
}
