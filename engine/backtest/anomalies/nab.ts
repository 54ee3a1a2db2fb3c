import { readFileSync } from 'node:fs'
import { recordedPath } from '../../../conformance/recorded.ts'
import { type Series, seriesOf } from '../../src/insights/index.ts'
import type { Labelled, Window } from './score.ts'

/** The share of a series that detectors of this benchmark may learn from before they are judged. */
const PROBATION = 0.15

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  realAdExchange: ['exchange-2_cpc', 'exchange-2_cpm', 'exchange-3_cpc', 'exchange-3_cpm', 'exchange-4_cpc', 'exchange-4_cpm'].map(
    (name) => `${name}_results`,
  ),
  realTraffic: ['TravelTime_387', 'TravelTime_451', 'occupancy_6005', 'occupancy_t4013', 'speed_6005', 'speed_7578', 'speed_t4013'],
  artificialNoAnomaly: ['art_daily_no_noise', 'art_daily_perfect_square_wave', 'art_daily_small_noise', 'art_flatline', 'art_noisy'],
}

/** A series of the Numenta Anomaly Benchmark with its labels; null where the recorded data is not there. */
export function nabSeries(stepMs: number): Labelled[] | null {
  const labels = recordedPath('nab/combined_windows.json')
  if (labels === null) return null
  const windows = JSON.parse(readFileSync(labels, 'utf8')) as Readonly<Record<string, readonly (readonly [string, string])[]>>
  const names = Object.entries(FOLDERS).flatMap(([folder, files]) => files.map((file) => `${folder}/${file}.csv`))
  return names.map((name, index) => {
    const path = recordedPath(`nab/data/${name}`)
    if (path === null) throw new Error(`the recorded series "${name}" is not there`)
    const series = read(path, stepMs)
    const probation = Math.floor(series.values.length * PROBATION)
    return {
      name: name.replace('.csv', ''),
      series,
      from: series.start + probation * series.stepMs,
      windows: (windows[name] ?? []).map(([start, end]): Window => ({ start: timeOf(start), end: timeOf(end) })),
      // Every second one, in the order above, is left out while parameters are chosen.
      heldOut: index % 2 === 1,
    }
  })
}

function read(path: string, stepMs: number): Series {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1)
  const points = lines.map((line) => {
    const [time = '', value = ''] = line.trim().split(',')
    return { at: timeOf(time), value: Number(value) }
  })
  const series = seriesOf(points, stepMs)
  if (series === null) throw new Error(`no series in "${path}"`)
  return series
}

/** Times of the benchmark have no zone. */
function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/\.\d+$/, '')}Z`)
}
