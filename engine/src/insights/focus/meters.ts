import type { Meter } from '../../usage/index.ts'

/** How FOCUS speaks of a meter: its unit, its name on the price list, and for tokens which way they go and what the cache did with them. */
export interface MeterWords {
  readonly unit: string
  readonly sku: string
  readonly direction: 'Input' | 'Output' | null
  /** Null on output, and where a meter is no token. */
  readonly cache: 'Uncached' | 'Read' | 'Write' | 'Other' | null
}

function input(sku: string, cache: MeterWords['cache'] = 'Uncached'): MeterWords {
  return { unit: 'Tokens', sku, direction: 'Input', cache }
}

function output(sku: string): MeterWords {
  return { unit: 'Tokens', sku, direction: 'Output', cache: null }
}

function other(unit: string, sku: string): MeterWords {
  return { unit, sku, direction: null, cache: null }
}

export const METER_WORDS: { readonly [M in Meter]: MeterWords } = {
  input: input('Input Tokens'),
  'input.cache_read': input('Cache Read Input Tokens', 'Read'),
  'input.cache_write': input('Cache Write Input Tokens', 'Write'),
  'input.cache_write_5m': input('Cache Write 5m Input Tokens', 'Write'),
  'input.cache_write_1h': input('Cache Write 1h Input Tokens', 'Write'),
  'input.tool': input('Tool Input Tokens'),
  'input.audio': input('Audio Input Tokens'),
  'input.cache_read.audio': input('Cache Read Audio Input Tokens', 'Read'),
  'input.image': input('Image Input Tokens'),
  'input.cache_read.image': input('Cache Read Image Input Tokens', 'Read'),
  'input.video': input('Video Input Tokens'),
  'input.cache_read.video': input('Cache Read Video Input Tokens', 'Read'),
  // Counted in token-seconds: hours do not divide exactly, and a product that is not exact is not conformant.
  'input.cache_storage': other('Token-Seconds', 'Context Cache Storage'),
  output: output('Output Tokens'),
  'output.reasoning': output('Reasoning Output Tokens'),
  'output.audio': output('Audio Output Tokens'),
  'output.image': output('Image Output Tokens'),
  'output.video': output('Video Output Tokens'),
  'output.citation': output('Citation Output Tokens'),
  'audio.seconds': other('Seconds', 'Audio Seconds'),
  'video.seconds': other('Seconds', 'Video Seconds'),
  characters: other('Characters', 'Characters'),
  images: other('Images', 'Images'),
  pages: other('Pages', 'Pages'),
  request: other('Requests', 'Requests'),
  'rerank.search_unit': other('Search Units', 'Rerank Search Units'),
  'tool.web_search': other('Searches', 'Web Searches'),
  'tool.x_search': other('Searches', 'X Searches'),
  'tool.file_search': other('Searches', 'File Searches'),
  'tool.maps': other('Requests', 'Maps Requests'),
  'tool.container_session': other('Sessions', 'Container Sessions'),
  'tool.container_second': other('Seconds', 'Container Seconds'),
}

/** The part of a SKU's id that names the meter, e.g. `cache-read-input`. */
export function meterSlug(meter: Meter): string {
  const { sku, unit } = METER_WORDS[meter]
  const words = unit === 'Tokens' ? sku.replace(/ Tokens$/, '') : sku
  return words.toLowerCase().replaceAll(' ', '-')
}
