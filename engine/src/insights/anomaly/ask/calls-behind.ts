import type { CallQuery, CallStore, RepeatRow } from '../../../calls/index.ts'
import type { CauseName } from '../cause/cause.ts'
import type { ModelUse, Use } from '../cause/use.ts'

/** Calls that are named with an anomaly. */
const CALLS_MAX = 20
/** Kinds of errors that are asked for. */
const ERRORS_MAX = 50

/**
 * The calls that a cause is about, dearest first: of repetitions those after the first, of failures the failed ones, of a swap those on the model
 * whose share has grown most, of everything else the dearest of all.
 */
export async function callsBehind(
  store: CallStore,
  query: CallQuery,
  cause: CauseName | null,
  uses: { readonly before: Use; readonly during: Use },
  repeats: readonly RepeatRow[],
): Promise<string[]> {
  if (cause === 'retries') {
    const repeated = repeats.flatMap(({ callIds }) => callIds.slice(1))
    return repeated.length > 0 ? repeated.slice(0, CALLS_MAX) : await failedCalls(store, query)
  }
  const grown = cause === 'model_swap' ? grownModel(uses) : null
  return await dearest(store, grown === null ? query : { ...query, where: [...(query.where ?? []), { dimension: 'model', in: [grown] }] })
}

async function failedCalls(store: CallStore, query: CallQuery): Promise<string[]> {
  const errors = await store.aggregate({ ...query, groupBy: ['error'], orderBy: 'cost', limit: ERRORS_MAX })
  const codes = errors.flatMap(({ keys }) => keys[0] ?? [])
  return await dearest(store, codes.length === 0 ? query : { ...query, where: [...(query.where ?? []), { dimension: 'error', in: codes }] })
}

async function dearest(store: CallStore, query: CallQuery): Promise<string[]> {
  // Corrections are rows of the same call.
  const rows = await store.rows({ ...query, orderBy: 'cost', descending: true, limit: 2 * CALLS_MAX })
  return [...new Set(rows.map(({ callId }) => callId))].slice(0, CALLS_MAX)
}

/** The model whose share of the calls has grown most; its name as calls have it. */
function grownModel({ before, during }: { readonly before: Use; readonly during: Use }): string | null {
  const shares = (use: Use) => {
    const calls = use.models.reduce((sum, each) => sum + each.calls, 0)
    return new Map(use.models.map((each: ModelUse) => [each.model, calls === 0 ? 0 : each.calls / calls]))
  }
  const [old, now] = [shares(before), shares(during)]
  const grown = [...now].map(([name, share]) => ({ name, by: share - (old.get(name) ?? 0) })).sort((left, right) => right.by - left.by)
  const [first] = grown
  if (first === undefined) return null
  const [model] = JSON.parse(first.name) as [string | null]
  return model
}
