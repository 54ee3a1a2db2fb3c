import { decimalText } from './decimal-text.ts'
import type { Draft } from './draft.ts'
import { type JsonObject, objectAt } from './json.ts'
import { addNote } from './notes.ts'

/** xAI counts its own cost in ticks of 1e-10 USD. */
const TICK_SCALE = 10

/**
 * A cost that the seller or a gateway states beside the counters: OpenRouter `usage.cost`, xAI `cost_in_usd_ticks`,
 * Perplexity `usage.cost.total_cost`, Pydantic AI Gateway `cost_estimate`. First hit wins: the seller before the gateway.
 */
export function readAttested(draft: Draft, seller: string, usage: JsonObject | undefined): void {
  if (usage === undefined || draft.attested !== null) return
  if (seller === 'openrouter' && usage.cost !== undefined && usage.cost !== null) {
    readOpenRouterCost(draft, usage)
    return
  }
  if (usage.cost_in_usd_ticks !== undefined && usage.cost_in_usd_ticks !== null) {
    attest(draft, usage.cost_in_usd_ticks, 'xai usage.cost_in_usd_ticks', TICK_SCALE)
    return
  }
  const cost = objectAt(usage, 'cost')
  if (cost !== undefined && cost.total_cost !== undefined) {
    attest(draft, cost.total_cost, 'perplexity usage.cost.total_cost')
    return
  }
  const gateway = objectAt(usage, 'pydantic_ai_gateway')
  if (gateway?.cost_estimate !== undefined && gateway.cost_estimate !== null) {
    attest(draft, gateway.cost_estimate, 'pydantic_ai_gateway.cost_estimate')
  }
}

function readOpenRouterCost(draft: Draft, usage: JsonObject): void {
  if (usage.is_byok === true) {
    // With an own key OpenRouter states its fee only; the provider sends another bill for the tokens.
    addNote(draft.notes, 'attestation_partial', 'usage.cost is the fee of OpenRouter alone: the call ran on an own provider key')
    return
  }
  attest(draft, usage.cost, 'openrouter usage.cost')
}

function attest(draft: Draft, value: unknown, by: string, scale = 0): void {
  const amount = decimalText(value, scale)
  if (amount === null) addNote(draft.notes, 'counter_clamped', `${by} is not an amount and was refused: ${String(value).slice(0, 40)}`)
  else draft.attested = { amount, currency: 'USD', by }
}
