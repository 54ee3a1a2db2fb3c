import type { Meter, ReportSeller } from '../../usage/index.ts'

/**
 * The meter that a provider's report can be compared by. Reports know less than a response says: reasoning is output, what a tool reads is input, and
 * OpenAI bills a cache write whatever its lifetime.
 */
export function comparedMeter(seller: ReportSeller, meter: Meter): Meter {
  return OF_SELLER[seller][meter] ?? OF_ALL[meter] ?? meter
}

type Coarser = { readonly [M in Meter]?: Meter }

const OF_ALL: Coarser = { 'output.reasoning': 'output', 'output.citation': 'output', 'input.tool': 'input' }

const OF_SELLER: Readonly<Record<ReportSeller, Coarser>> = {
  openai: { 'input.cache_write_5m': 'input.cache_write', 'input.cache_write_1h': 'input.cache_write' },
  // Five minutes is what a write without a lifetime lives there.
  anthropic: { 'input.cache_write': 'input.cache_write_5m', 'tool.container_session': 'tool.container_second' },
}

/** What a meter of audio, images or video is counted in where a report does not tell it apart. */
export function plainMeter(meter: string): string | null {
  const plain = meter.replace(/\.(?:audio|image|video)$/, '')
  return plain === meter ? null : plain
}

/** Fees are billed by the use, whichever model asked for it. */
export function isFee(meter: string | null): boolean {
  return meter?.startsWith('tool.') === true
}
