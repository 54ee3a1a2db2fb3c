import type { Picos } from '../../../kernel/index.ts'

/** What was spent with one model in some time. Input includes cache reads and writes. */
export interface ModelUse {
  readonly model: string
  readonly calls: number
  readonly failed: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly cost: Picos
}

/** What one model charges: picos for a million tokens of each meter. */
export interface TokenRates {
  readonly input: Picos
  readonly cacheRead: Picos
  readonly cacheWrite: Picos
  readonly output: Picos
}

/** What was spent in some time, by model. */
export interface Use {
  readonly models: readonly ModelUse[]
  /** Calls that only repeated an earlier one; 0 where nobody fingerprints. */
  readonly repeats: number
  /** By model, what is known to have been charged then. */
  readonly rates: ReadonlyMap<string, TokenRates>
}

/** The sums of a use that its cost depends on, as plain numbers: from here on this is a statistic. */
export interface Factors {
  /** Calls that were wanted, and how many were made for each of them. */
  readonly wanted: number
  readonly attempts: number
  /** Per call. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly models: ReadonlyMap<string, ModelFactors>
}

export interface ModelFactors {
  /** Of all input and output tokens, those of this model. */
  readonly inputShare: number
  readonly outputShare: number
  /** Of its input. Null: it had none, and nothing is known of its cache. */
  readonly cache: { readonly read: number; readonly write: number } | null
  /** Picos a token. Null: nothing is known of its price. */
  readonly price: Price | null
}

export interface Price {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

const PER_MILLION = 1e6

/** Failed calls and repetitions are calls that were made for others; as a retry is usually both, the more of the two counts. */
export function factorsOf({ models, repeats, rates }: Use): Factors {
  const sum = (of: (use: ModelUse) => number): number => models.reduce((total, use) => total + of(use), 0)
  const calls = sum((use) => use.calls)
  const extra = Math.min(
    Math.max(
      sum((use) => use.failed),
      repeats,
    ),
    Math.max(0, calls - 1),
  )
  const [input, output] = [sum((use) => use.inputTokens), sum((use) => use.outputTokens)]
  return {
    wanted: calls - extra,
    attempts: calls === 0 ? 1 : calls / (calls - extra),
    inputTokens: calls === 0 ? 0 : input / calls,
    outputTokens: calls === 0 ? 0 : output / calls,
    models: new Map(
      models.map((use): [string, ModelFactors] => [
        use.model,
        {
          inputShare: share(use.inputTokens, input),
          outputShare: share(use.outputTokens, output),
          cache:
            use.inputTokens === 0
              ? null
              : { read: share(use.cacheReadTokens, use.inputTokens), write: share(use.cacheWriteTokens, use.inputTokens) },
          price: priceOf(use, rates.get(use.model)),
        },
      ]),
    ),
  }
}

/** What is charged for a token, by the rates; where none are known, what a token of either kind has cost. */
function priceOf(use: ModelUse, rates: TokenRates | undefined): Price | null {
  if (rates !== undefined) {
    const { input, cacheRead, cacheWrite, output } = rates
    return {
      input: Number(input) / PER_MILLION,
      cacheRead: Number(cacheRead) / PER_MILLION,
      cacheWrite: Number(cacheWrite) / PER_MILLION,
      output: Number(output) / PER_MILLION,
    }
  }
  const tokens = use.inputTokens + use.outputTokens
  if (tokens === 0) return null
  const each = Number(use.cost) / tokens
  return { input: each, cacheRead: each, cacheWrite: each, output: each }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
