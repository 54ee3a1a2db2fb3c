import { type CallQuery, type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import { type Breakdown, breakdown } from './breakdown.ts'

export interface ModelSpend extends Measures {
  readonly model: string
  /** Null when no call reported any. */
  readonly tokens: number | null
}

export interface ModelsSpend extends Omit<Breakdown, 'lines'> {
  readonly models: readonly ModelSpend[]
}

/** Which models drive the spend? Dearest first, by the model that served. */
export async function spendByModel(store: CallStore, question: CallQuery & { readonly limit: number }): Promise<ModelsSpend> {
  const { lines, ...rest } = await breakdown(store, question, 'model', question.limit)
  return { ...rest, models: lines.map(({ value, ...sums }) => ({ ...sums, model: value, tokens: knownTokens(sums) })) }
}
