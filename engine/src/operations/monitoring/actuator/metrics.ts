import { type MetricAnswer, type MetricsNamesAnswer, metricsNames, prometheus, showMetric } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../../kernel/index.ts'
import { wholeInstallation } from '../../authority/scope.ts'
import { implement } from '../../operation.ts'
import type { TextAnswer } from '../../text-answer.ts'
import { allFamilies } from '../metrics/families.ts'
import type { Family, Series } from '../metrics/family.ts'

/** All metrics as Prometheus reads them. */
export const prometheusOperation = implement(prometheus, async ({ services, caller }, input): Promise<Result<TextAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  const [families, { exposition }] = await Promise.all([allFamilies(services), import('../metrics/exposition.ts')])
  return ok(await exposition(families, input.format ?? 'text'))
})

/** Names of the metrics, dotted. */
export const metricsNamesOperation = implement(metricsNames, async ({ services, caller }): Promise<Result<MetricsNamesAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  return ok({ names: (await allFamilies(services)).map(({ dotted }) => dotted).sort() })
})

/** One metric, summed over the series that have the labels asked for. */
export const showMetricOperation = implement(showMetric, async ({ services, caller }, input): Promise<Result<MetricAnswer>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  const family = (await allFamilies(services)).find(({ dotted, name }) => dotted === input.name || name === input.name)
  if (family === undefined) return fail(refusal('not_found', `there is no metric "${input.name}"`, { path: '/name' }))
  const wanted = tagsOf(input.tag)
  if (!wanted.ok) return wanted
  const series = family.series.filter(({ labels }) => wanted.value.every(([label, value]) => labels[label] === value))
  if (wanted.value.length > 0 && series.length === 0) {
    return fail(refusal('not_found', `no series of "${input.name}" has ${input.tag}`, { path: '/tag' }))
  }
  return ok({
    name: family.dotted,
    description: family.help,
    baseUnit: family.unit,
    measurements: measurementsOf(family, series),
    availableTags: availableTags(series, new Set(wanted.value.map(([label]) => label))),
  })
})

/** `label:value`, separated by commas. */
function tagsOf(text: string | undefined): Result<[label: string, value: string][]> {
  if (text === undefined || text === '') return ok([])
  const tags: [string, string][] = []
  for (const part of text.split(',')) {
    const colon = part.indexOf(':')
    if (colon < 1) return fail(refusal('invalid_field', `a tag is label:value, not "${part}"`, { path: '/tag' }))
    tags.push([part.slice(0, colon), part.slice(colon + 1)])
  }
  return ok(tags)
}

function measurementsOf({ kind, unit }: Family, series: readonly Series[]): MetricAnswer['measurements'] {
  const sumOf = (suffix: Series['suffix']): number => series.reduce((sum, one) => (one.suffix === suffix ? sum + one.value : sum), 0)
  if (kind === 'counter') return [{ statistic: 'COUNT', value: sumOf(undefined) }]
  if (kind === 'gauge') return series.length === 0 ? [] : [{ statistic: 'VALUE', value: sumOf(undefined) }]
  return [
    { statistic: 'COUNT', value: sumOf('_count') },
    { statistic: unit === 'seconds' ? 'TOTAL_TIME' : 'TOTAL', value: sumOf('_sum') },
  ]
}

function availableTags(series: readonly Series[], chosen: ReadonlySet<string>): MetricAnswer['availableTags'] {
  const values = new Map<string, Set<string>>()
  for (const { labels } of series) {
    for (const [label, value] of Object.entries(labels)) {
      if (label === 'le' || chosen.has(label)) continue
      const known = values.get(label)
      if (known === undefined) values.set(label, new Set([value]))
      else known.add(value)
    }
  }
  return [...values].map(([tag, known]) => ({ tag, values: [...known].sort() }))
}
