import { parseDecimal, picosOfDecimal, usdOfPicos } from '../../../kernel/index.ts'
import { type Inference, inputTotal, type Meter, outputTotal, type Usage } from '../../../usage/index.ts'

const EXPRESSIBLE: ReadonlySet<Meter> = new Set<Meter>([
  'input',
  'input.cache_read',
  'input.cache_write',
  'input.cache_write_5m',
  'input.cache_write_1h',
  'output',
  'output.reasoning',
  'tool.web_search',
])

/** One call to report per inference of a usage, as the plain counters of `calls/track`; the second and later ones get ids of their own. */
export function reportsOf(
  usage: Usage,
  facts: Readonly<Record<string, unknown>> & { readonly call_id: string },
): Record<string, unknown>[] {
  return usage.inferences.map((inference, index) => ({
    ...facts,
    call_id: index === 0 ? facts.call_id : `${facts.call_id}#${index + 1}`,
    ...(index === 0 ? {} : { action: inference.kind }),
    ...(usage.seller === '' ? {} : { provider: usage.seller }),
    ...(inference.model === '' ? {} : { model: inference.model }),
    ...counters(inference),
    ...(usage.context.tier === undefined ? {} : { service_tier: usage.context.tier }),
    ...(usage.context.region === undefined ? {} : { region: usage.context.region }),
    ...(index === 0 && usage.attested?.currency === 'USD' ? statedCost(usage.attested.amount) : {}),
  }))
}

/** Logs carry costs as floats, with noise far past the pico-dollar that the books keep: `0.00022500000000000002` is 0.000225. */
function statedCost(amount: string): { readonly cost_usd: string } | Record<string, never> {
  const decimal = parseDecimal(amount)
  return decimal === null ? {} : { cost_usd: usdOfPicos(picosOfDecimal(decimal)) }
}

/** Meters that the plain counters cannot say; a log that has them is read by its raw response instead. */
export function inexpressible(usage: Usage): Meter[] {
  const meters = usage.inferences.flatMap((inference) => Object.keys(inference.meters) as Meter[])
  return [...new Set(meters.filter((meter) => !EXPRESSIBLE.has(meter)))]
}

function counters(inference: Inference): Record<string, number> {
  const { meters, evidence } = inference
  const written = (meters['input.cache_write'] ?? 0) + (meters['input.cache_write_5m'] ?? 0) + (meters['input.cache_write_1h'] ?? 0)
  const parts = {
    cache_read_tokens: meters['input.cache_read'] ?? 0,
    cache_write_tokens: written,
    cache_write_1h_tokens: meters['input.cache_write_1h'] ?? 0,
    reasoning_tokens: meters['output.reasoning'] ?? 0,
    web_searches: meters['tool.web_search'] ?? 0,
  }
  return {
    ...(evidence.input === 'missing' ? {} : { input_tokens: inputTotal(inference) }),
    ...(evidence.output === 'missing' ? {} : { output_tokens: outputTotal(inference) }),
    ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value > 0)),
  }
}
