import { DEFAULT_PARAMETERS, SPEND_PARAMETERS } from '../../src/insights/index.ts'
import { multiplier, ours, threeSigma, threshold } from './methods.ts'
import { nabSeries } from './nab.ts'
import { fleetReport } from './report-fleet.ts'
import { methodLines, seriesLines, TABLE_HEAD } from './report-series.ts'
import { servegenSeries } from './servegen.ts'

const HOUR_MS = 3_600_000

/** Scores the detector on labelled series, on planted faults, and on traffic that nobody complains about. Null without the recorded data. */
export function backtestAnomalies(say: (line: string) => void): string | null {
  const [nab, clean] = [nabSeries(HOUR_MS), servegenSeries()]
  if (nab === null || clean === null) return null
  say(`${nab.length} labelled series, ${clean.length} clients`)
  const methods = [ours(DEFAULT_PARAMETERS), multiplier(3), threeSigma(), threshold()]
  const labelled = nab.filter(({ windows }) => windows.length > 0)
  const lines = [
    '# Anomalies: what is found, and what is taken for one',
    '',
    'Written by `npm run backtest -- anomalies`; do not edit. The same data and seeds give the same document.',
    '',
    ...METHOD,
    '',
    '## Labelled series',
    '',
    ...NAB,
    '',
    '### Series held out while parameters were chosen',
    '',
    ...TABLE_HEAD,
    ...methodLines(
      methods,
      nab.filter(({ heldOut }) => heldOut),
    ),
    '',
    '### All series',
    '',
    ...TABLE_HEAD,
    ...methodLines(methods, nab),
    '',
    '### Of these, without the five in which nothing is wrong',
    '',
    ...TABLE_HEAD,
    ...methodLines(methods, labelled),
    '',
    '### The learned baseline, series by series',
    '',
    ...(methods[0] === undefined ? [] : seriesLines(methods[0], nab)),
    '',
    '## Planted faults',
    '',
    ...FLEET,
    '',
    ...fleetReport(say),
    '',
    '## Real traffic without labels',
    '',
    ...CLEAN,
    '',
    ...TABLE_HEAD,
    ...methodLines([ours(SPEND_PARAMETERS, 'up'), multiplier(3, 'up'), threeSigma('up'), threshold('up')], clean),
  ]
  return `${lines.join('\n')}\n`
}

const METHOD = [
  '**How it works.** For each hour of the week the middle of the last five weeks is expected, completed by the same hour of days of its kind where history is',
  'short. Stretches of an hour, four hours, a day and four days are compared with it. Each has a limit of its own, learned from how far such stretches of this',
  'series have lain from what was expected of them: so many robust standard deviations, and further than 1.3 times all but one in two hundred. For spend, what',
  'is too much must also amount to one and a half busy hours. A decision uses nothing that comes after it. An episode is one finding; a level that stays for a week',
  'is accepted. Before there are seven days of history, of spend with twenty hours that are not zero, nothing is said (here: before the end of what the benchmark gives for learning).',
  '',
  '**How it is scored.** A window is found when an alarm begins within it. An alarm that begins in none is false. Alarms less than a day apart are one, for all',
  'methods. The delay is from the start of the window or fault to the end of the first step that is alarmed.',
]

const NAB = [
  'Numenta Anomaly Benchmark: thirteen series of traffic and advertising with labelled windows, and five artificial ones in which nothing is wrong, as hourly',
  'means; anomalies in both directions. The first 15 % of each are for learning. Windows of this benchmark begin well before what they are about, so delays say little.',
  'Every second series was held out while parameters were chosen.',
]

const FLEET = [
  'A fleet of eight agents with the rhythms that agents have (day and night, office hours, a batch at night, a report on Mondays, growth of 4 % a week, few and',
  'heavy calls), ten weeks of hours, from a seed. Each has one fault or none, after five to six weeks; how bad it is comes from the dice, and includes faults',
  'that add a few cents to an agent whose hours differ by as much. The cause is asked when the fault is noticed, from the hours since it began: that may be a single hour.',
]

const CLEAN = [
  'Two weeks of the clients of one model, as a public trace of a provider (ServeGen) recorded them: a week to learn, a week to judge. Nobody labelled them, so an alarm',
  'may be a real change; here all of them are counted as false.',
]
