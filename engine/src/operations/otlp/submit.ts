import type { Refusal, Result } from '../../kernel/index.ts'
import type { Posted, RecordCommand } from '../../ledger/index.ts'
import { holdOfCaller } from '../budgets/hold-of-caller.ts'
import { type CallDraft, isPassing, reject } from './records.ts'
import type { Request } from './request.ts'
import type { RunCommands } from './runs.ts'
import { commandOf } from './told-again.ts'

/** Commands that wait at a time for one request, so that one with a hundred thousand spans leaves room for others. */
const SLICE = 2_048

/**
 * Posts what a request was read to, in slices. Whoever is answered with a refusal that passes sends the request again: what was posted is then a
 * repetition. Null: everything is durable, or was rejected for good.
 */
export async function submitDrafts(request: Request, { starts, ends }: RunCommands): Promise<Refusal | null> {
  const drafts = await own(request)
  const commands: RecordCommand[] = [...starts]
  for (const draft of drafts) commands.push(commandOf(request.caller, draft.organization, request.now, { kind: 'call', call: draft.call }))
  commands.push(...ends)
  for (let from = 0; from < commands.length; from += SLICE) {
    const outcomes = await request.receiver.services.committer.submitAll(commands.slice(from, from + SLICE))
    for (let index = 0; index < outcomes.length; index++) {
      const outcome = outcomes[index]
      const draft = drafts[from + index - starts.length]
      const refused = outcome === undefined ? null : judge(request, outcome, draft)
      if (refused !== null) return refused
    }
  }
  return null
}

/** Drafts that count, without those that would settle what another agent holds. */
async function own(request: Request): Promise<CallDraft[]> {
  const drafts = request.drafts.filter(({ dropped }) => !dropped)
  for (const draft of request.drafts) clear(request, draft)
  if (request.caller.agent === null) return drafts
  const found = await Promise.all(
    drafts.map(async (draft) => {
      const hold = await holdOfCaller(request.receiver.services, request.caller, draft.organization, draft.call.id)
      if (!hold.ok) reject(request.tally, draft.items, hold.error.detail)
      return hold.ok ? draft : null
    }),
  )
  return found.filter((draft) => draft !== null)
}

/** From here on the ledger has it: what describes it again is looked up there. */
function clear(request: Request, draft: CallDraft): void {
  const ref = request.byId.get(`${draft.organization}\n${draft.call.id}`)
  if (ref !== undefined) ref.draft = null
}

function judge(request: Request, outcome: Result<Posted, Refusal>, draft: CallDraft | undefined): Refusal | null {
  if (outcome.ok) return null
  const { error } = outcome
  if (isPassing(error)) return error
  // A run that was told otherwise keeps what was said first.
  if (draft === undefined) return null
  if (error.code === 'id_reused') request.later.push({ kind: 'told_again', existing: draft.call.id, draft })
  else reject(request.tally, draft.items, error.detail)
  return null
}
