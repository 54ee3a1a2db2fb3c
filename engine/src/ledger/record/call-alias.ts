import { assert, fail, ok, type Result } from '../../kernel/index.ts'
import { type Draft, post, postedIn } from '../draft.ts'
import type { CallAlias, Posted, RecordCommand } from '../records.ts'
import { reused } from './difference.ts'

/** Notes under what name a provider knows a call; it moves no money. Refuses `id_reused` for a name that another call has. */
export function recordCallAlias(draft: Draft, command: RecordCommand, event: { readonly alias: CallAlias }): Result<Posted> {
  const { alias } = event
  const first = postedIn(draft, command.organization, 'call_alias', alias.id)
  if (first === undefined) return post(draft, command, { kind: 'call_alias', alias })
  assert(first.event.kind === 'call_alias', 'an entry is posted under its own kind')
  const before = first.event.alias.call
  if (before === alias.call) return ok({ entry: first, replayed: true })
  return fail(reused('name', alias.id, { path: '/call_id', before, now: alias.call }))
}
