import type { Method } from './methods.ts'
import { added, type Labelled, NOTHING, type Score, scoreOf } from './score.ts'

export const TABLE_HEAD = [
  '| method | found | of | recall | alarms | false | precision | false per series-week | median delay |',
  '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
]

/** A line for each method over some series. */
export function methodLines(methods: readonly Method[], series: readonly Labelled[], toleranceMs = 0): string[] {
  return methods.map((method) => {
    const total = series.map((each) => scoreOf(each, method.alarms(each), toleranceMs)).reduce(added, NOTHING)
    return `| ${method.name} | ${scoreCells(total)} |`
  })
}

/** A line for each series, of one method. */
export function seriesLines(method: Method, series: readonly Labelled[]): string[] {
  const head = ['| series | | found | of | false | false per week | delays, hours |', '|---|---|---:|---:|---:|---:|---|']
  return [
    ...head,
    ...series.map((each) => {
      const score = scoreOf(each, method.alarms(each))
      const delays = score.delays.map((delay) => delay.toFixed(0)).join(', ')
      return `| ${each.name} | ${each.heldOut ? 'held out' : 'tuned on'} | ${score.found} | ${score.windows} | ${score.falseAlarms} | ${perWeek(score)} | ${delays} |`
    }),
  ]
}

function scoreCells(score: Score): string {
  const { windows, found, alarms, falseAlarms } = score
  const recall = windows === 0 ? '' : percent(found, windows)
  const precision = alarms === 0 ? '' : percent(alarms - falseAlarms, alarms)
  return [found, windows, recall, alarms, falseAlarms, precision, perWeek(score), hours(medianOf(score.delays))].join(' | ')
}

export function perWeek({ falseAlarms, weeks }: Score): string {
  return weeks === 0 ? '' : (falseAlarms / weeks).toFixed(3)
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.round((100 * part) / whole)} %`
}

export function hours(value: number | null): string {
  return value === null ? '' : `${value.toFixed(0)} h`
}

export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
