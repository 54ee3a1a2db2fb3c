import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { recordedJson } from '../recorded.ts'

/** A recorded exchange with a provider, and the usage that an independent parser read from it. */
export interface Cassette {
  /** Name of its file, such as `040-openai-chat-stream.json`; a prefix of it is enough to ask for it. */
  readonly file: string
  readonly provider: string
  readonly method: string
  readonly url: string
  readonly request_body: string | null
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | null
  readonly response_body_encoding: 'utf8' | 'base64'
  readonly response_body: string
  readonly expected_usage?: Readonly<Record<string, unknown>> | null
}

/** All recorded exchanges, in the order of their numbers; empty where the recordings are absent (pair with `skipReason('cassettes')`). */
export function loadCassettes(): Cassette[] {
  return recordedJson<Omit<Cassette, 'file'>>('cassettes')
    .filter(({ file }) => /^\d/.test(file))
    .map(({ file, data }) => ({ ...data, file }))
}

/** What was not recorded and is needed all the same, such as lists of models. */
export function handWritten(): Cassette[] {
  const text = readFileSync(new URL('hand-written.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { cassettes: Cassette[] }).cassettes
}

/** The cassette whose file begins so. */
export function cassetteNamed(cassettes: readonly Cassette[], prefix: string): Cassette {
  const found = cassettes.find(({ file }) => file.startsWith(prefix))
  if (found === undefined) throw new Error(`no cassette is named ${prefix}`)
  return found
}

/** The request as it was recorded; empty where it was not recorded or is not a JSON object. */
export function requestOf(cassette: Cassette): Readonly<Record<string, unknown>> {
  return objectOf(cassette.request_body ?? '')
}

/** The response's own bytes. */
export function responseBytes(cassette: Cassette): Buffer {
  return Buffer.from(cassette.response_body, cassette.response_body_encoding === 'base64' ? 'base64' : 'utf8')
}

export function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/**
 * The cassette that a request asks for, or null. One whose body is the same is best (usage that is asked of a stream aside, which a proxy may add);
 * then one with the same model, stream flag and use of tools; then one with the same stream flag. The path must fit in every case.
 */
export function matchCassette(cassettes: readonly Cassette[], path: string, body: Readonly<Record<string, unknown>>): Cassette | null {
  let best: { cassette: Cassette; score: number } | null = null
  for (const cassette of cassettes) {
    const score = pathFits(cassette, path) ? scoreOf(requestOf(cassette), body) : -1
    if (score >= 0 && score > (best?.score ?? -1)) best = { cassette, score }
  }
  return best?.cassette ?? null
}

const SAME_BUT_USAGE = 100

function scoreOf(recorded: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>>): number {
  if (isDeepStrictEqual(recorded, asked)) return SAME_BUT_USAGE + 1
  if (isDeepStrictEqual(withoutUsageAsked(recorded), withoutUsageAsked(asked))) return SAME_BUT_USAGE
  if ((recorded.stream === true) !== (asked.stream === true)) return -1
  const isSameModel = recorded.model === asked.model
  const isSameTools = Array.isArray(recorded.tools) === Array.isArray(asked.tools)
  return (isSameModel ? 4 : 0) + (isSameTools ? 2 : 0) + (isSameFormat(recorded, asked) ? 1 : 0)
}

function isSameFormat(recorded: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>>): boolean {
  return (recorded.response_format === undefined) === (asked.response_format === undefined)
}

function withoutUsageAsked({ stream_options: _, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return rest
}

/** A base URL may keep some of the provider's path to itself, so one path may be the end of the other. */
function pathFits(cassette: Cassette, path: string): boolean {
  const recorded = decodeURIComponent(new URL(cassette.url).pathname)
  const asked = decodeURIComponent(path.split('?', 1)[0] ?? '')
  return recorded === asked || recorded.endsWith(asked) || asked.endsWith(recorded)
}
