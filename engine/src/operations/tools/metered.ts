import { createHmac } from 'node:crypto'
import {
  canonicalJson,
  fail,
  formatInstant,
  type Millis,
  ok,
  type Refusal,
  type Result,
  refusal,
  usdOfPicos,
  ZERO,
} from '../../kernel/index.ts'
import type { CallRecord, RecordCommand, Standing } from '../../ledger/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Meters, Usage } from '../../usage/index.ts'
import { sweepHolds } from '../budgets/sweep.ts'
import type { Services } from '../context.ts'
import { limitsOn, TOOL_SELLER } from './limits.ts'
import { isUsedUp } from './spending/caps.ts'
import type { ToolContext } from './tool.ts'

/**
 * Uses a metered tool: refused when a hard budget of the agent is used up, held for like any call before it is made, and posted as one when it has
 * been made. Sold by `purser`, priced for each request by the organization's rate for the tool, which is 0 unless it has set one. A use that
 * was refused is a failed call and costs nothing.
 */
export async function metered(
  context: ToolContext,
  tool: string,
  input: object,
  use: () => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const usedUp = (await limitsOn(context, tool)).find(isUsedUp)
  if (usedUp !== undefined) return fail(nothingLeft(tool, usedUp))
  const call = { id: context.services.newId(), tool, fingerprint: fingerprintOf(context.services, tool, input) }
  const held = await hold(context, call)
  if (!held.ok) return held
  let result: Result<unknown> = fail(refusal('internal', 'the tool did not come to an end'))
  try {
    result = await use()
    return result
  } finally {
    await settle(context, call, result.ok ? null : result.error.code)
  }
}

interface Call {
  readonly id: string
  readonly tool: string
  readonly fingerprint: string
}

const HOLD_MS = 60_000

async function hold(context: ToolContext, call: Call): Promise<Result<null>> {
  const first = await context.services.committer.submit({ ...holdCommand(context, call), provisional: true })
  if (first.ok || first.error.code !== 'budget_exceeded') return first.ok ? ok(null) : first
  // What is held past its deadline is no reason to refuse. Where nobody has been told of the refusal it is asked in earnest, too.
  if ((await sweepHolds(context.services)) === 0 && first.error.facts?.untold !== true) return first
  const second = await context.services.committer.submit(holdCommand(context, call))
  return second.ok ? ok(null) : second
}

function holdCommand(context: ToolContext, { id, tool, fingerprint }: Call): RecordCommand {
  const at = context.services.now()
  const amount = chargeOf(context, usageOf(tool, { request: 1 }, at, null), at).amount
  return commandOf(context, at, {
    kind: 'hold',
    hold: {
      ...attributionOf(context),
      id,
      run: null,
      key: context.caller.keyId,
      model: tool,
      seller: TOOL_SELLER,
      meters: { request: 1 },
      asked: { requests: 1 },
      at,
      deadline: at + HOLD_MS,
      amount,
      fallback: null,
      tier: null,
      region: null,
      fingerprint,
      held: [],
    },
  })
}

/** Posts the call. Where that cannot be done the tool was used all the same: its hold runs out, and the caller has the answer. */
async function settle(context: ToolContext, { id, tool, fingerprint }: Call, errorCode: string | null): Promise<void> {
  const at = context.services.now()
  const usage = usageOf(tool, { request: errorCode === null ? 1 : 0 }, at, errorCode)
  const call: CallRecord = {
    ...attributionOf(context),
    id,
    run: null,
    parentCall: null,
    key: context.caller.keyId,
    at,
    atGiven: false,
    latencyMs: null,
    success: errorCode === null,
    errorCode,
    fingerprint,
    source: 'tool',
    usage,
    charge: chargeOf(context, usage, at),
  }
  await context.services.committer.submit(commandOf(context, at, { kind: 'call', call }))
}

function commandOf({ organization, caller }: ToolContext, recordedAt: Millis, event: RecordCommand['event']): RecordCommand {
  return { kind: 'record', organization, recordedAt, event, ...(caller.defaults === null ? {} : { keyAttribution: caller.defaults }) }
}

function attributionOf({ agent }: ToolContext) {
  return { agent, user: null, session: null, workflow: null, team: null, project: null, costCenter: null, action: null, tags: {} }
}

function chargeOf({ services, organization }: ToolContext, usage: Usage, at: Millis): Charge {
  return services.rates.price(usage, organization, at)
}

function usageOf(tool: string, meters: Meters, at: Millis, errorCode: string | null): Usage {
  return {
    seller: TOOL_SELLER,
    modelRequested: tool,
    modelServed: tool,
    at,
    inferences: [{ model: tool, kind: 'other', meters, evidence: { request: 'reported' } }],
    context: {},
    notes: [],
    outcome: errorCode === null ? { ok: true } : { ok: false, code: errorCode, message: errorCode },
  }
}

/** In words for the agent, and with the same facts as any refusal of a budget. */
function nothingLeft(tool: string, { match, spent, held }: Standing): Refusal {
  const { rule, counter, resetsAt } = match
  const again = resetsAt === null ? 'it does not reset' : `it resets at ${formatInstant(resetsAt)}`
  const detail =
    `the budget of $${usdOfPicos(rule.limit)} a ${rule.period.unit} for ${rule.dimension} "${counter.value}" is used up: ` +
    `$${usdOfPicos(spent)} is spent and $${usdOfPicos(held)} held; ${again}. ${tool} was not used`
  const standing = {
    budget_id: rule.id,
    name: rule.name,
    dimension: rule.dimension,
    value: counter.value,
    reason: 'limit',
    limit_usd: usdOfPicos(rule.limit),
    spent_usd: usdOfPicos(spent),
    held_usd: usdOfPicos(held),
    requested_usd: null,
    resets_at: resetsAt === null ? null : formatInstant(resetsAt),
  }
  return refusal('budget_exceeded', detail, { facts: { refused_by: [standing], most_that_fits_usd: usdOfPicos(ZERO) } })
}

/** Equal for equal requests, on every node and after a restart. Keyed, so that what was asked cannot be guessed from it. */
function fingerprintOf({ fingerprintKey }: Services, tool: string, input: object): string {
  return createHmac('sha256', fingerprintKey)
    .update(`${tool}\n${canonicalJson(input)}`)
    .digest('hex')
}
