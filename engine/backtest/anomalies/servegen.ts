import { readFileSync } from 'node:fs'
import { recordedPath } from '../../../conformance/recorded.ts'
import { seriesOf } from '../../src/insights/index.ts'
import type { Labelled } from './score.ts'

const HOUR_MS = 3_600_000
/** A Monday; the recording says hours only. */
const START = Date.UTC(2026, 0, 5)
const DAYS_LEARNED = 7
/** Dollars for a token in and out; what they are makes no difference to what is unusual. */
const PRICES = { input: 0.15e-6, output: 0.6e-6 }

/** What real clients of a model spend in an hour, for two weeks: nobody says that anything is wrong with them. Null without the recording. */
export function servegenSeries(): Labelled[] | null {
  const path = recordedPath('traces/servegen/m-small-hourly-by-client.csv')
  if (path === null) return null
  const clients = new Map<string, { at: number; value: number }[]>()
  for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
    const [hour = '', client = '', , input = '', output = ''] = line.split(',')
    const value = Number(input) * PRICES.input + Number(output) * PRICES.output
    clients.set(client, [...(clients.get(client) ?? []), { at: START + Number(hour) * HOUR_MS, value }])
  }
  return [...clients].flatMap(([client, points]): Labelled[] => {
    const series = seriesOf(points, HOUR_MS)
    const from = START + DAYS_LEARNED * 24 * HOUR_MS
    return series === null ? [] : [{ name: `client ${client}`, series, from, windows: [], heldOut: true }]
  })
}
