/** What a request asks a provider for, as far as its address tells. `free`: answered and never billed. */
export type RequestEndpoint =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'generate'
  | 'interactions'
  | 'converse'
  | 'invoke'
  | 'embeddings'
  | 'rerank'
  | 'images'
  | 'transcriptions'
  | 'speech'
  | 'free'

/** Ends of paths, the longest first where one ends with another. Providers that copied an API copied its paths. */
const ENDS: readonly (readonly [RegExp, RequestEndpoint])[] = [
  [/\/messages\/count_tokens$/, 'free'],
  [/\/responses\/(?:input_tokens|compact)$/, 'free'],
  [/\/moderations$/, 'free'],
  [/:countTokens$/, 'free'],
  [/\/chat\/completions$/, 'chat'],
  [/\/(?:completions|complete)$/, 'completions'],
  [/\/responses$/, 'responses'],
  [/\/messages$/, 'messages'],
  [/:(?:generateContent|streamGenerateContent)$/, 'generate'],
  [/\/interactions$/, 'interactions'],
  [/:(?:embedContent|batchEmbedContents|asyncBatchEmbedContent)$/, 'embeddings'],
  [/\/model\/[^/]+\/(?:converse|converse-stream)$/, 'converse'],
  [/\/model\/[^/]+\/(?:invoke|invoke-with-response-stream)$/, 'invoke'],
  [/\/embeddings$/, 'embeddings'],
  [/\/rerank$/, 'rerank'],
  [/\/images\/(?:generations|edits|variations)$/, 'images'],
  [/\/audio\/(?:transcriptions|translations)$/, 'transcriptions'],
  [/\/audio\/speech$/, 'speech'],
]

/** Ends of paths whose answer is a stream whatever the body says. */
const STREAMS = /(?::streamGenerateContent|\/converse-stream|\/invoke-with-response-stream)$/

/** What a path asks for; null for one that is not known to be billed by what it answers: files, models, batches, and whatever is new. */
export function endpointOfPath(path: string): RequestEndpoint | null {
  // Some servers take such a path for the plain one, and what it costs must not depend on how it is written.
  const plain = path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return ENDS.find(([end]) => end.test(plain))?.[1] ?? null
}

export function streamsByPath(path: string): boolean {
  return STREAMS.test(path)
}
