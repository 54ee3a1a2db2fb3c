import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from '../scalars.ts'
import { amount, callIds, missing, period, ratio } from './answer-parts.ts'

const reuse = Type.Object({
  observed_calls: Type.Integer(),
  expected: ratio,
  low: Type.Number({ description: 'What the tenth that reuses least stays below.' }),
})

export const CacheAnswer = Type.Object(
  {
    period,
    total_calls: Type.Integer(),
    unmetered_calls: Type.Integer(),
    input_tokens: Nullable(Type.Integer()),
    cache_read_tokens: Nullable(Type.Integer()),
    cache_write_tokens: Nullable(Type.Integer()),
    hit_rate: ratio,
    write_token_share: ratio,
    is_used: Type.Boolean(),
    examined: Type.Object(
      { calls: Type.Integer(), from_journal: Type.Integer(), from: Nullable(Type.String()), to: Nullable(Type.String()) },
      { description: 'The calls posted last: what follows is about them alone.' },
    ),
    input_cost: Type.Object({
      calls: Type.Integer({ description: 'Calls whose priced lines are those of their cost today.' }),
      ...amount('input', 'what their input has cost.'),
      ...amount('cache_writes', 'what writing to the cache has cost, of that.'),
      ...amount('cache_reads', 'what reading from it has cost, of that.'),
      write_share: ratio,
    }),
    cold_calls: Type.Object({
      calls: Type.Integer(),
      input_tokens: Type.Integer(),
      written_tokens: Type.Integer(),
      ...amount('cost', 'all that they have cost, not what warmth would have saved.'),
      unpriced_calls: Type.Integer(),
      by_reason: Type.Object({
        first_call: Type.Integer(),
        cache_lost: Type.Integer(),
        after_5m: Type.Integer(),
        after_1h: Type.Integer(),
      }),
      call_ids: callIds,
    }),
    warmth: Type.Array(
      Type.Object({
        gap: Type.String({ description: 'Time since the call before in the same session.' }),
        warm_with: Type.Array(Type.String(), { description: 'Lifetimes that a cache used by the call before has not outlived.' }),
        calls: Type.Integer(),
        input_tokens: Type.Integer(),
        cached_tokens: Type.Integer(),
        hit_rate: ratio,
        read_nothing: Type.Integer(),
      }),
    ),
    session_overlap: Type.Object({
      sessions: Type.Integer(),
      requests: Type.Integer(),
      seen_before: Type.Integer(),
      share: ratio,
      by_session: Type.Array(Type.Object({ session_id: Type.String(), requests: Type.Integer(), seen_before: Type.Integer() })),
    }),
    reuse: Type.Object({ session: reuse, agent: reuse }),
    scenarios: Type.Array(
      Type.Object({
        name: Type.Union([Type.Literal('longer_ttl'), Type.Literal('merged_cold_starts'), Type.Literal('keep_warm')]),
        ...amount('saving', 'expected; below zero it would have cost more.'),
        ...amount('saving_low', 'at the least.'),
        ...amount('saving_high', 'at the most.'),
        reason: Nullable(Type.String({ description: 'Why no saving is expected.' })),
        calls: Type.Object({ concerned: Type.Integer(), repriced: Type.Integer(), call_ids: callIds }),
        assumption: Type.String(),
        advice: Type.String(),
      }),
    ),
    missing,
  },
  { $id: 'CacheAnswer' },
)

export type CacheAnswer = Static<typeof CacheAnswer>
