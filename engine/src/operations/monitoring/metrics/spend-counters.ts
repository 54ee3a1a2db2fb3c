import { type CacheEffect, cacheEffectOf, type PriceAgain } from '../../../insights/index.ts'
import { type Picos, picos, ZERO } from '../../../kernel/index.ts'
import type { Adjustment, CallRecord, JournalEntry } from '../../../ledger/index.ts'
import type { Inference, Meter } from '../../../usage/index.ts'
import { boundedNames } from './bounded-names.ts'
import { counter, moneyCounter } from './counters.ts'
import type { Family } from './family.ts'

const MODELS_MAX = 100
const SELLERS_MAX = 50
const AGENTS_MAX = 100

/** How tokens are counted: by direction, and by what a provider's cache had to do with them. */
const TOKENS: { readonly [M in Meter]?: readonly [direction: 'input' | 'output', cache: 'none' | 'read' | 'write'] } = {
  input: ['input', 'none'],
  'input.tool': ['input', 'none'],
  'input.audio': ['input', 'none'],
  'input.image': ['input', 'none'],
  'input.video': ['input', 'none'],
  'input.cache_read': ['input', 'read'],
  'input.cache_read.audio': ['input', 'read'],
  'input.cache_read.image': ['input', 'read'],
  'input.cache_read.video': ['input', 'read'],
  'input.cache_write': ['input', 'write'],
  'input.cache_write_5m': ['input', 'write'],
  'input.cache_write_1h': ['input', 'write'],
  output: ['output', 'none'],
  'output.reasoning': ['output', 'none'],
  'output.audio': ['output', 'none'],
  'output.image': ['output', 'none'],
  'output.video': ['output', 'none'],
  'output.citation': ['output', 'none'],
}

/** What calls have cost and used, as counters. */
export interface SpendCounters {
  call(organization: string, call: CallRecord): CacheEffect | null
  adjusted(entry: JournalEntry, adjustment: Adjustment): void
  families(): Family[]
}

/** `embedded` is told the cost of each embedding in US dollars. */
export function spendCounters(price: PriceAgain, embedded: (cost: Picos) => void): SpendCounters {
  const made = definitions()
  const { cost, reductions, byAgent, tokens, calls, cacheRequests, cacheSavings, promptSavings, promptCost } = made
  const model = boundedNames(MODELS_MAX)
  const seller = boundedNames(SELLERS_MAX)
  const agent = boundedNames(AGENTS_MAX)
  return {
    call(organization, call) {
      const { usage, charge } = call
      const amount = charge.amount ?? ZERO
      cost.add([model(usage.modelServed ?? usage.modelRequested), seller(usage.seller)], amount)
      byAgent.add([agent(call.agent)], amount)
      calls.add([call.success ? 'success' : 'error', charge.status], 1)
      for (const inference of usage.inferences) countTokens(tokens, inference)
      const effect = cacheEffectOf({ organization, call, charge, amount: charge.amount }, price)
      if (effect === null) return null
      cacheRequests.add(['hit'], effect.hits)
      cacheRequests.add(['miss'], effect.misses)
      cacheSavings.add([], effect.semanticSavings)
      promptSavings.add([], effect.promptSavings)
      promptCost.add([], negated(effect.promptSavings))
      if (effect.embeddingCalls > effect.embeddingUnpriced) embedded(effect.embeddingCost)
      return effect
    },
    adjusted({ transfers }, { charge, delta }) {
      const [line] = charge.lines
      const expense = transfers.flatMap(({ debit, credit }) => [debit, credit]).find((account) => account.startsWith(EXPENSE))
      const labels = [model(line?.model ?? null), seller(expense?.slice(EXPENSE.length) ?? null)]
      cost.add(labels, delta)
      reductions.add(labels, negated(delta))
    },
    families: () => Object.values(made).map((one) => one.family()),
  }
}

const EXPENSE = 'expense:'

function countTokens(tokens: ReturnType<typeof counter>, { meters }: Inference): void {
  for (const name in meters) {
    const labels = TOKENS[name as Meter]
    if (labels !== undefined) tokens.add(labels, meters[name as Meter] ?? 0)
  }
}

function negated(amount: Picos): Picos {
  return picos(-amount)
}

function definitions() {
  const usd = { unit: 'usd' }
  return {
    cost: moneyCounter({
      dotted: 'finops.cost.usd',
      name: 'finops_cost_usd_total',
      help: 'US dollars posted for calls, and what corrections have added. Less finops_cost_reductions_usd_total it is the cost.',
      ...usd,
      labels: ['model', 'seller'],
    }),
    reductions: moneyCounter({
      dotted: 'finops.cost.reductions.usd',
      name: 'finops_cost_reductions_usd_total',
      help: 'US dollars that corrections have taken back, so that the counter of costs never falls.',
      ...usd,
      labels: ['model', 'seller'],
    }),
    byAgent: moneyCounter({
      dotted: 'finops.agent.cost.usd',
      name: 'finops_agent_cost_usd_total',
      help: 'US dollars as first posted, by agent.',
      ...usd,
      labels: ['agent'],
    }),
    tokens: counter({
      dotted: 'finops.tokens',
      name: 'finops_tokens_total',
      help: 'Tokens by direction, and by what the cache of the provider had to do with them.',
      unit: 'tokens',
      labels: ['direction', 'cache'],
    }),
    calls: counter({
      dotted: 'finops.calls',
      name: 'finops_calls_total',
      help: 'Calls posted, by outcome and by how well their price is known.',
      unit: null,
      labels: ['outcome', 'price'],
    }),
    cacheRequests: counter({
      dotted: 'finops.cache.requests',
      name: 'finops_cache_requests_total',
      help: 'Calls that say whether a cache of answers has answered them (tag cache).',
      unit: null,
      labels: ['result'],
    }),
    cacheSavings: moneyCounter({
      dotted: 'finops.cache.savings.usd',
      name: 'finops_cache_savings_usd_total',
      help: 'US dollars saved by hits of a cache of answers.',
      ...usd,
      labels: [],
    }),
    promptSavings: moneyCounter({
      dotted: 'finops.prompt.cache.savings.usd',
      name: 'finops_prompt_cache_savings_usd_total',
      help: "US dollars saved by the providers' prompt caches, by calls that they made cheaper.",
      ...usd,
      labels: [],
    }),
    promptCost: moneyCounter({
      dotted: 'finops.prompt.cache.extra.usd',
      name: 'finops_prompt_cache_extra_usd_total',
      help: "US dollars that writing to the providers' prompt caches has cost more, by calls that they made dearer.",
      ...usd,
      labels: [],
    }),
  } as const
}
