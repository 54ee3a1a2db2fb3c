import { type Source, sources } from './data.ts'
import { type Figures, figuresOf, type Method } from './figures.ts'
import { MULTIPLES } from './judge.ts'

interface Row {
  readonly source: Source
  readonly figures: Figures
}

/** The line of a source in the first table. */
export function errorRow({ source, figures }: Row): string {
  const cells = COLUMNS.map(([method]) => {
    const text = percent(figures.errors[method])
    return isBetter(figures, method) ? `**${text}**` : text
  })
  return `| ${source.title} | ${figures.asked} | ${figures.refused} | ${cells.join(' | ')} |`
}

/** Asks every question: the text of `docs/forecast.md`. Null where recorded data is absent, which is named: a document of a part would take the place of the whole. */
export function forecastDocument(say: (line: string) => void): string | null {
  const all = sources()
  const absent = [...new Set(all.filter(({ series }) => series.length === 0).map(({ file }) => file))]
  for (const file of absent) say(`absent: ${file} (PURSER_TEST_DATA names the folder that holds it)`)
  const rows = all
    .filter(({ series }) => series.length > 0)
    .map((source): Row => {
      const figures = figuresOf(source)
      say(
        `${source.title}: error ${percent(figures.errors.ours)}, inside the 80 % interval ${percent(figures.within80)}, Brier ${score(figures.brier)}`,
      )
      return { source, figures }
    })
  if (absent.length > 0) return null
  return `${[...HEAD, ...errorLines(rows), ...intervalLines(rows), ...breachLines(rows), ...sourceLines(rows), ...LIBRARY].join('\n')}\n`
}

const HEAD = [
  '# The forecast, and how good it is',
  '',
  'Written by `npm run backtest -- forecast`; do not edit. It has no clock and no chance in it: the same data give the same text.',
  '',
  'Each question stands at a day of the past, knows what came before it and nothing else, and says what the rest of the period will add up to. Its parameters were',
  'chosen on one part of the series, and what is below is of the other part, which was looked at once they were fixed (the split of each series is in the last table). Where another',
  'method did better, its figure is in bold.',
  '',
  '## How it is made',
  '',
  '1. Days count from the first spend; a day without any is a day of zero. Below a week of whole days, a quarter of the days asked for, or four days with spend, the answer is **not enough history**.',
  '2. A weekly pattern is tested for (Kruskal and Wallis on the days without their level, 2 %), and kept as far as it is more than noise.',
  '3. Abrupt and lasting changes of level are looked for; what came before one is moved to the level after it.',
  '4. Seventeen exponential smoothers, slow to fast, without a slope and with a damped one, say at every past day what the next weeks will add up to. The less one was wrong, the more it weighs.',
  '5. A thousand paths start from that blend, with errors drawn from the past in runs, each moving the level as it did then. So the interval of a sum is that of a sum, and not a sum of intervals. Its width is',
  '   corrected by how wrong such sums were in the past of the same series.',
  '6. Where a third of the days are idle and no pattern says which, whole runs of days are drawn from the past instead (a Bayesian bootstrap, newer days weighing more).',
  '7. A day under way counts by the part of it that has passed by its usual hours. Same question, same paths: they are drawn from a seed made of the numbers.',
  '8. The probability that a budget is passed is the share of the thousand futures that pass its limit; it is used up on the day by which half of them have reached it, and early on the day by which a tenth have. What is spent is the',
  "   ledger's, what is held is said beside it. Periods of a day or less, and short windows, are forecast by hours of four weeks.",
  '',
  'What it does not know: plans, prices that will change, months of the year. It goes on as if nothing were refused, so of a hard budget it says what is asked for. A budget on a model counts the model that was asked',
  'for, and its history is of the one that answered.',
]

const COLUMNS: readonly [Method, string][] = [
  ['ours', 'ours'],
  ['runRate', 'run-rate'],
  ['samePhase', 'same weekday, mean of 4'],
  ['naive', 'seasonal naive'],
  ['library', 'augurs'],
]

function errorLines(rows: readonly Row[]): string[] {
  const lost = rows.flatMap(({ source, figures }) => {
    const better = COLUMNS.filter(([method]) => isBetter(figures, method)).map(([, title]) => title)
    return better.length === 0 ? [] : [`${source.title} (${better.join(', ')})`]
  })
  return [
    '',
    '## Error of the sum that was to come',
    '',
    'The absolute errors of all questions by all that was to come (WAPE); of M4, whose series are on many scales, the mean of the error of each question by what it asked for.',
    'The same weekday is the same hour, month or week of the year where a series has those.',
    '',
    `| series | questions | refused | ${COLUMNS.map(([, title]) => title).join(' | ')} |`,
    `|---|---:|---:|${COLUMNS.map(() => '---:|').join('')}`,
    ...rows.map(errorRow),
    '',
    lost.length === 0 ? 'Nothing did better on any of them.' : `Ours is not the best on: ${lost.join('; ')}.`,
  ]
}

function isBetter({ errors }: Figures, method: Method): boolean {
  const [ours, theirs] = [errors.ours, errors[method]]
  return method !== 'ours' && ours !== null && theirs !== null && theirs < ours
}

function intervalLines(rows: readonly Row[]): string[] {
  const answered = rows.reduce((sum, { figures }) => sum + figures.answered, 0)
  const inside = rows.reduce((sum, { figures }) => sum + figures.inside80, 0)
  const overall = answered === 0 ? null : inside / answered
  const met = overall !== null && overall >= 0.75 && overall <= 0.85 ? 'met' : '**missed**'
  const outside = rows.filter(({ figures: { within80 } }) => within80 !== null && (within80 < 0.75 || within80 > 0.85))
  return [
    '',
    '## How often the truth lay inside',
    '',
    `Over all ${answered} answered questions it lay inside the 80 % interval in ${percent(overall)} of them (asked: 75 to 85 %): ${met}.`,
    '',
    '| series | 80 % interval | 95 % interval |',
    '|---|---:|---:|',
    ...rows.map(({ source, figures }) => `| ${source.title} | ${percent(figures.within80)} | ${percent(figures.within95)} |`),
    '',
    outside.length === 0
      ? 'Each series by itself lies between 75 and 85 % as well.'
      : `By themselves these lie outside of 75 to 85 %: ${outside.map(({ source, figures }) => `${source.title} (${percent(figures.within80)})`).join('; ')}.`,
  ]
}

function breachLines(rows: readonly Row[]): string[] {
  const worse = rows.filter(({ figures: { brier, brierClimatology, brierRunRate } }) => {
    return brier !== null && [brierClimatology, brierRunRate].some((other) => other !== null && other < brier)
  })
  return [
    '',
    '## Probability of passing a budget',
    '',
    `Budgets at ${MULTIPLES.join(', ')} times what the period before has cost (in the first period of a series: its own pace). Those passed already when the question is asked are left out: they are certain.`,
    'The Brier score is the mean square of probability less outcome: 0 is perfect, 0.25 is what a coin gets. Climatology says how often a budget of that multiple was passed on the tuning part;',
    'the run-rate says 0 or 1.',
    '',
    '| series | budgets | ours | climatology | run-rate |',
    '|---|---:|---:|---:|---:|',
    ...rows.map(({ source, figures }) => {
      const { budgets, brier, brierClimatology, brierRunRate } = figures
      return `| ${source.title} | ${budgets} | ${score(brier)} | ${score(brierClimatology)} | ${score(brierRunRate)} |`
    }),
    '',
    worse.length === 0
      ? 'Ours is the lowest on each.'
      : `Ours is not the lowest on: ${worse.map(({ source }) => source.title).join('; ')}.`,
  ]
}

function sourceLines(rows: readonly Row[]): string[] {
  return [
    '',
    '## What was asked',
    '',
    'Months are asked on their first day and after each fifth day. Days that nobody recorded are filled from a week before, and no month with one is asked about. A client of ServeGen counts from its first',
    'call; one with too little before the question is refused, and the figures are of those that were answered. The Azure trace is one hour of one day, and is not asked.',
    '',
    '| series | of | split |',
    '|---|---|---|',
    ...rows.map(({ source }) => `| ${source.title} | ${source.what} | ${source.split} |`),
  ]
}

const LIBRARY = [
  '',
  '## Why no library',
  '',
  'What there is for Node: **augurs** (`@bsull/augurs` 0.10.2, MIT or Apache-2.0, WebAssembly without an install script, 2.7 MB, kept by Grafana), with automatic exponential smoothing and a decomposition',
  'by loess; **arima** 0.2.8 and **ctsa** 0.2.0 (MIT), a C library as WebAssembly in CommonJS; **timeseries-analysis** 1.0.12, which depends on whatever is latest. Augurs was the one in question, and it is in the first',
  'table, on the same questions: a development dependency of this back-test and of nothing else. The others were not measured.',
  '',
  'It was not taken. Its intervals are of single days and say nothing of how days go together, so that neither the interval of a month nor the probability of passing a budget follows from them. On these',
  'questions its error is as in the table, and where it is smaller than ours the table says so.',
]

function percent(share: number | null): string {
  return share === null ? '' : `${(100 * share).toFixed(1)} %`
}

function score(value: number | null): string {
  return value === null ? '' : value.toFixed(3)
}
