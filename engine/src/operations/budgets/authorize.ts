import { type AuthorizeCall, authorizeCall, type CallAuthorized } from '@purser/contract'
import { siblingsOf } from '../../insights/index.ts'
import {
  assert,
  fail,
  formatInstant,
  type Millis,
  ok,
  type Picos,
  picosOfUsd,
  type Refusal,
  type Result,
  usdOfPicos,
} from '../../kernel/index.ts'
import type { Hold, Posted, RecordCommand } from '../../ledger/index.ts'
import type { Caller, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { findOrganization } from '../tracking/organization-of-call.ts'
import { standingAnswer } from '../wire/budget-answer.ts'
import { withoutAnother } from './hold-of-caller.ts'
import { standingsOf } from './standings.ts'
import { sweepHolds } from './sweep.ts'
import { dearestCase, type Foreseen, type Planned, worstCase } from './worst-case.ts'

/** Holds the most that a call can cost before it is made. */
export const authorizeCallOperation = implement(authorizeCall, async ({ services, caller }, input): Promise<Result<CallAuthorized>> => {
  const organization = await findOrganization(caller, services.runOrganizations, input)
  if (!organization.ok) return organization
  const done = await holdForCall({ services, caller, organization: organization.value, input, id: input.call_id ?? services.newId() })
  return done.ok ? done : fail(withoutAnother(caller, done.error, '/agent_name', '/call_id'))
})

/** Holds the worst case of a call, or of the longest output that fits. Refuses as the ledger does; what is held past its deadline is no reason to. */
export async function holdForCall(asked: Asked): Promise<Result<CallAuthorized>> {
  const { services, input } = asked
  const first = await submit(asked, input.max_output_tokens, PROVISIONAL)
  if (first.ok) return ok(await answerOf(asked, first.value))
  if (first.error.code !== 'budget_exceeded') return first
  // What is held past its deadline is no reason to refuse.
  const swept = await sweepHolds(services)
  const second = swept === 0 ? first : await submit(asked, input.max_output_tokens, PROVISIONAL)
  if (second.ok) return ok(await answerOf(asked, second.value))
  return input.clamp === true ? clamped(asked, second.error) : refused(asked, second.error)
}

export interface Asked {
  readonly services: Services
  readonly caller: Caller
  readonly organization: string
  readonly input: AuthorizeCall
  readonly id: string
  readonly planned?: Planned
  /** The shortest output worth clamping to; 1 when left out. */
  readonly leastOutputTokens?: number
}

/** The longest output whose worst case fits, asked for until it is granted: others may take what was free a moment ago. */
async function clamped(asked: Asked, first: Refusal): Promise<Result<CallAuthorized>> {
  let last = first
  for (let attempt = 0; attempt < CLAMP_ATTEMPTS; attempt++) {
    const most = mostThatFits(last)
    const tokens = most === null ? 0 : longestOutput(asked, most)
    if (tokens < (asked.leastOutputTokens ?? 1)) break
    const posted = await submit(asked, tokens, PROVISIONAL)
    if (posted.ok) return ok(await answerOf(asked, posted.value))
    if (posted.error.code !== 'budget_exceeded') return posted
    last = posted.error
  }
  return refused(asked, last)
}

const CLAMP_ATTEMPTS = 4

/**
 * Nothing more can be tried. Where nobody has been told that these budgets refuse, it is asked once more in earnest, so that the ledger tells it in the
 * transaction that refuses; of a storm of refusals only the first few do. What was free again meanwhile is granted.
 */
async function refused(asked: Asked, last: Refusal): Promise<Result<CallAuthorized>> {
  if (last.facts?.untold !== true) return fail(withCheaperModels(asked, last))
  const posted = await submit(asked, asked.input.max_output_tokens, {})
  if (posted.ok) return ok(await answerOf(asked, posted.value))
  return posted.error.code === 'budget_exceeded' ? fail(withCheaperModels(asked, posted.error)) : posted
}

type Manner = Pick<RecordCommand, 'provisional'>
const PROVISIONAL: Manner = { provisional: true }

/** Names the cheaper models of the family of which the same call would fit, with what it would cost at most. */
function withCheaperModels({ services, organization, input }: Asked, refusal: Refusal): Refusal {
  const most = mostThatFits(refusal)
  if (most === null) return refusal
  const at = services.now()
  const seller = services.rates.sellerOf(input.provider ?? '', input.model, at)
  const cheaper = siblingsOf({ seller, model: input.model, inputTokens: input.input_tokens }).flatMap((model) => {
    const cost = worstCase(services, organization, { ...input, provider: seller, model }, at)
    return cost !== null && cost <= most ? [{ model, worst_case_usd: usdOfPicos(cost) }] : []
  })
  return { ...refusal, facts: { ...refusal.facts, cheaper_models: cheaper } }
}

function mostThatFits({ facts }: Refusal): Picos | null {
  const most = facts?.most_that_fits_usd
  return typeof most === 'string' ? picosOfUsd(most) : null
}

/** By bisection, because a price may have brackets: costs grow with the output, however they do. 0 when not even one token fits. */
function longestOutput(asked: Asked, most: Picos): number {
  let low = 0
  let high = asked.input.max_output_tokens
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const cost = worstCaseOf(asked, middle, asked.services.now())
    if (cost !== null && cost <= most) low = middle
    else high = middle - 1
  }
  return low
}

function worstCaseOf({ services, organization, input, planned }: Asked, outputTokens: number, at: Millis): Picos | null {
  return worstCase(services, organization, { ...foreseen(input, outputTokens), ...planned }, at)
}

function foreseen(input: AuthorizeCall, outputTokens: number): Foreseen {
  return { ...input, provider: input.provider ?? '', max_output_tokens: outputTokens }
}

async function submit(asked: Asked, outputTokens: number, manner: Manner): Promise<Result<Posted>> {
  const { services, caller, organization, input, id, planned } = asked
  const now = services.now()
  const amount = worstCaseOf(asked, outputTokens, now)
  const hold: Hold = {
    id,
    run: input.workflow_id ?? null,
    key: caller.keyId,
    model: input.model,
    seller: services.rates.sellerOf(input.provider ?? '', input.model, now),
    meters: { input: input.input_tokens, output: outputTokens, ...planned?.others },
    asked: { input_tokens: input.input_tokens, max_output_tokens: input.max_output_tokens },
    at: now,
    deadline: now + (input.ttl_seconds ?? TTL_SECONDS) * 1_000,
    amount,
    fallback: amount === null ? dearestCase(services, foreseen(input, outputTokens), now) : null,
    tier: input.service_tier ?? null,
    region: input.region ?? null,
    fingerprint: input.prompt_fingerprint ?? null,
    agent: caller.agent ?? input.agent_name ?? null,
    user: input.user_id ?? null,
    session: input.session_id ?? null,
    workflow: input.workflow_name ?? null,
    team: input.team ?? null,
    project: input.project ?? null,
    costCenter: input.cost_center ?? null,
    action: input.action ?? null,
    tags: input.tags ?? {},
    held: [],
  }
  const command: RecordCommand = {
    kind: 'record',
    organization,
    recordedAt: now,
    event: { kind: 'hold', hold },
    ...manner,
    ...(caller.defaults === null ? {} : { keyAttribution: caller.defaults }),
  }
  return services.committer.submit(command)
}

const TTL_SECONDS = 600

async function answerOf({ services, input }: Asked, { entry, replayed, standings }: Posted): Promise<CallAuthorized> {
  assert(entry.event.kind === 'hold', 'a hold is posted as a hold')
  const { hold } = entry.event
  // Of one that was granted before they are asked for; a question to the store for each hold would cost more than granting it.
  const stand = standings ?? (await standingsOf(services.ledger, entry.organization, hold, entry.seq))
  const output = hold.meters.output ?? input.max_output_tokens
  return {
    call_id: hold.id,
    organization_id: entry.organization,
    held_usd: hold.amount === null ? null : usdOfPicos(hold.amount),
    max_output_tokens: output,
    clamped: output < input.max_output_tokens,
    expires_at: formatInstant(hold.deadline),
    budgets: stand.map(standingAnswer),
    replayed,
  }
}
