import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import { INPUT_METERS, type Meter, OUTPUT_METERS } from '../../usage/index.ts'
import type { ExactCall, PriceOf } from '../cache/exact-call.ts'
import { cutTo } from '../overrun.ts'
import type { Failure, FailureCase } from './failure.ts'
import { medianAmount, type Usual, usualOf } from './usual.ts'

/** Calls of one agent and action, fewer than which tell nothing of what is usual. */
export const HISTORY_MIN = 20
/** Tokens above the usual that are worth a look. */
const INPUT_MARGIN_MIN = 1_000
const OUTPUT_MARGIN_MIN = 200

/** The calls of one agent doing one thing. */
export interface Habit {
  readonly organization: string
  readonly agent: string | null
  readonly action: string | null
  readonly calls: readonly PriceableCall[]
}

interface TokenMode {
  readonly mode: 'input_explosion' | 'verbosity'
  readonly measure: 'input_tokens' | 'output_tokens'
  readonly field: 'inputTokens' | 'outputTokens'
  readonly meters: readonly Meter[]
  readonly marginMin: number
  readonly advice: string
}

const MODES: readonly TokenMode[] = [
  {
    mode: 'input_explosion',
    measure: 'input_tokens',
    field: 'inputTokens',
    meters: INPUT_METERS,
    marginMin: INPUT_MARGIN_MIN,
    advice:
      'Look what was put into the prompt (a dump of a table, a long log, a whole file): cut it, page it or summarise it before the call, and bound it.',
  },
  {
    mode: 'verbosity',
    measure: 'output_tokens',
    field: 'outputTokens',
    meters: OUTPUT_METERS,
    marginMin: OUTPUT_MARGIN_MIN,
    advice: 'Set max_tokens, ask for the form and length of the answer, and bound reasoning where it is not needed.',
  },
]

/** An outlier before it is priced. */
export interface Suspect {
  readonly habit: Habit
  readonly call: PriceableCall
  readonly usual: Usual
  readonly mode: TokenMode
  readonly usualCost: Picos | null
}

/** Calls with far more tokens than is usual for their agent and action, that also cost more than twice the usual, or whose cost is not known. */
export function tokenSuspects(habits: readonly Habit[]): Suspect[] {
  return habits.flatMap((habit) => {
    const metered = habit.calls.filter((call) => call.usageEvidence !== 'missing' && call.success)
    const median = medianAmount(metered.flatMap(({ cost }) => (cost === null ? [] : [cost])))
    const usualCost = median === null ? null : picos(median)
    return MODES.flatMap((mode) => {
      const usual = usualOf(
        metered.map((call) => call[mode.field]),
        HISTORY_MIN,
        mode.marginMin,
      )
      if (usual === null) return []
      const far = metered.filter((call) => call[mode.field] > usual.threshold && isDear(call, usualCost))
      return far.map((call): Suspect => ({ habit, call, usual, mode, usualCost }))
    })
  })
}

function isDear({ cost }: PriceableCall, usualCost: Picos | null): boolean {
  return cost === null || usualCost === null || cost > 2n * usualCost
}

/** Suspects by mode, agent and action, each with what it cost more than with the usual number of tokens. */
export function tokenFailures(suspects: readonly Suspect[], exact: ReadonlyMap<number, ExactCall>, price: PriceOf): Failure[] {
  const groups = new Map<string, Suspect[]>()
  for (const suspect of suspects) {
    const { organization, agent, action } = suspect.habit
    const key = JSON.stringify([suspect.mode.mode, organization, agent, action])
    groups.set(key, [...(groups.get(key) ?? []), suspect])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { habit, mode, usual } = first
    const cases = group
      .map((suspect) => caseOf(suspect, exact.get(suspect.call.seq), price))
      .sort((left, right) => right.value - left.value)
    const [worst] = cases
    const times = usual.median === 0 ? '' : `, ${((worst?.value ?? 0) / usual.median).toFixed(1)} times the usual`
    const noun = mode.field === 'inputTokens' ? 'tokens in' : 'tokens out'
    return [
      {
        mode: mode.mode,
        organization: habit.organization,
        agent: habit.agent,
        action: habit.action,
        workflow: null,
        measure: mode.measure,
        usual,
        cases,
        what: `${cases.length} of ${usual.history} calls had up to ${worst?.value ?? 0} ${noun}${times} ${usual.median}.`,
        advice: mode.advice,
      },
    ]
  })
}

function caseOf(suspect: Suspect, exact: ExactCall | undefined, price: PriceOf): FailureCase {
  const { call, mode, usual, usualCost } = suspect
  const { callId, runId, at, cost } = call
  const priced = exact === undefined || cost === null ? null : excessOf(call, exact, price, suspect)
  const estimated = cost === null || usualCost === null || cost <= usualCost ? null : picos(cost - usualCost)
  return {
    runId,
    callIds: [callId],
    at,
    value: call[mode.field],
    cost,
    excess: priced ?? estimated,
    excessBy: priced !== null ? 'priced' : usual.history > 0 && estimated !== null ? 'estimated' : null,
    byCall: priced === null || cost === null ? new Map() : new Map([[call.seq, { excess: priced, cost }]]),
  }
}

/** The cost less that of the same usage cut to the usual number of tokens; null unless both prices are known to the pico. */
function excessOf(call: PriceableCall, { usage }: ExactCall, price: PriceOf, { mode, usual }: Suspect): Picos | null {
  if (call.cost === null || price(usage, call.organization).amount !== call.cost) return null
  const cut = cutTo(usage, mode.meters, usual.median, mode.measure)
  if (cut === null) return null
  const { status, amount } = price(cut.usage, call.organization)
  if (status !== 'exact' || amount === null) return null
  return amount < call.cost ? picos(call.cost - amount) : ZERO
}
