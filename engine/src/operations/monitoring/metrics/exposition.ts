import { Gauge, Registry, type RegistryContentType } from 'prom-client'
import { TextAnswer } from '../../text-answer.ts'
import type { Family } from './family.ts'

/**
 * Metrics as text in one of the two formats that Prometheus reads, written by the library: names checked, labels escaped. Loaded with the first scrape, because
 * that takes a while and a start need not wait for it.
 */
export async function exposition(families: readonly Family[], format: 'text' | 'openmetrics'): Promise<TextAnswer> {
  const type: RegistryContentType = format === 'openmetrics' ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE
  const registry = new Registry<RegistryContentType>()
  registry.setContentType(type)
  for (const family of families) registry.registerMetric(new Snapshot(family, format))
  return new TextAnswer(registry.contentType, await registry.metrics())
}

/** A metric of any kind as it stood, in place of one that the library counts itself. */
class Snapshot extends Gauge {
  readonly #family: Family
  readonly #named: string

  constructor(family: Family, format: 'text' | 'openmetrics') {
    super({ name: family.name, help: family.help, registers: [] })
    this.#family = family
    // OpenMetrics names a counter without its suffix, and the library adds that to each of its series.
    this.#named = format === 'openmetrics' && family.kind === 'counter' ? family.name.replace(/_total$/, '') : family.name
  }

  override async get(): ReturnType<Gauge['get']> {
    const { help, kind, series } = this.#family
    const values = series.map(({ suffix, labels, value }) => ({
      value,
      labels,
      ...(suffix === undefined ? {} : { metricName: `${this.#named}${suffix}` }),
    }))
    return { name: this.#named, help, type: kind, values, aggregator: 'sum' } as unknown as Awaited<ReturnType<Gauge['get']>>
  }
}
