import type { PriceableCall } from '../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { CALL_IDS_MAX, type CallSaving, type Opportunity, type Repricer } from './opportunity.ts'
import { siblingsOf } from './siblings.ts'

/** What became of a number of calls when each was priced on its nearest cheaper sibling. */
export interface Swaps {
  readonly savings: readonly CallSaving[]
  /** Null when not one of the calls could be re-priced: then nothing is known, which is not a saving of zero. */
  readonly saving: Picos | null
  /** What the calls that save have cost, and would have. */
  readonly costBefore: Picos
  readonly costAfter: Picos
  /** Most used first. */
  readonly alternatives: readonly string[]
}

/**
 * Prices each call on its siblings, nearest first, and keeps the first that is priced and cheaper for that very call. Only calls that
 * succeeded and whose own cost is known can be compared.
 */
export function swapCalls(calls: readonly PriceableCall[], reprice: Repricer): Swaps {
  const savings: CallSaving[] = []
  const uses = new Map<string, number>()
  let repriced = 0
  for (const call of calls) {
    const swap = swapCall(call, reprice)
    if (swap === null) continue
    repriced += 1
    if (swap.saving <= ZERO) continue
    savings.push({ call, saving: swap.saving })
    uses.set(swap.model, (uses.get(swap.model) ?? 0) + 1)
  }
  const saving = sumPicos(savings.map((item) => item.saving))
  const costBefore = sumPicos(savings.map((item) => item.call.cost ?? ZERO))
  return {
    savings: [...savings].sort(byLargest),
    saving: repriced === 0 ? null : saving,
    costBefore,
    costAfter: picos(costBefore - saving),
    alternatives: [...uses].sort(([, left], [, right]) => right - left).map(([model]) => model),
  }
}

/** What may go wrong on a cheaper model. */
export const SWAP_RISK = { level: 'medium', words: 'The cheaper model may answer worse, or need more tokens for it.' } as const

/** From what some of the calls save to what all of them do; null where no saving is known. */
export function rangeFrom({ savings, saving }: Swaps, least: (call: PriceableCall) => boolean, words: string): Opportunity['range'] {
  if (saving === null) return null
  return { low: sumPicos(savings.filter(({ call }) => least(call)).map((item) => item.saving)), high: saving, words }
}

/** Null when no sibling has a price for the call; a saving of zero when one has but none is cheaper. */
function swapCall(call: PriceableCall, reprice: Repricer): { model: string; saving: Picos } | null {
  if (!call.success || call.cost === null) return null
  const siblings = siblingsOf(call)
  const onModel = siblings.length === 0 ? null : reprice(call)
  if (onModel === null) return null
  let dearer: { model: string; saving: Picos } | null = null
  for (const model of siblings) {
    const cost = onModel(model)
    if (cost === null) continue
    if (cost < call.cost) return { model, saving: picos(call.cost - cost) }
    dearer ??= { model, saving: ZERO }
  }
  return dearer
}

function byLargest(left: CallSaving, right: CallSaving): number {
  if (left.saving === right.saving) return left.call.seq - right.call.seq
  return left.saving > right.saving ? -1 : 1
}

/** Ids to show: those that save most, else the newest of the calls it is about. */
export function shownIds(savings: readonly CallSaving[], calls: readonly PriceableCall[]): string[] {
  const shown = savings.length > 0 ? savings.map((item) => item.call) : calls
  return shown.slice(0, CALL_IDS_MAX).map((call) => call.callId)
}
