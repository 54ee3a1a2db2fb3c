import type { CallRecord } from '../../ledger/index.ts'

const ACTIONS: ReadonlySet<string> = new Set(['embed', 'embedding', 'embeddings', 'cache_embedding'])
/** `embed` or `embedding(s)` as a word of the name, as in text-embedding-3-small, mistral-embed and embed-v4.0. */
const NAMED = /(?:^|[^a-z])embed(?:ding)?s?(?:$|[^a-z])/i

/**
 * Whether a call made embeddings: its response says so, or its caller does (action `embedding`), or its model is named for it. Only what is counted as the cost of
 * embeddings depends on this, no price does.
 */
export function isEmbedding({ usage, action }: Pick<CallRecord, 'usage' | 'action'>): boolean {
  if (action !== null && ACTIONS.has(action.toLowerCase())) return true
  if (usage.context.endpoint === 'embeddings' || usage.inferences.some(({ kind }) => kind === 'embedding')) return true
  return NAMED.test(usage.modelServed ?? usage.modelRequested ?? '')
}
