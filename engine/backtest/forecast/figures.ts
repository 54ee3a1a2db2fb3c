import type { Source } from './data.ts'
import { type Judged, judge, MULTIPLES } from './judge.ts'

/** What the questions of one source came to. Shares are from 0 to 1; null where nothing can be said. */
export interface Figures {
  readonly asked: number
  readonly refused: number
  readonly errors: Readonly<Record<Method, number | null>>
  readonly within80: number | null
  readonly within95: number | null
  readonly budgets: number
  readonly brier: number | null
  readonly brierRunRate: number | null
  readonly brierClimatology: number | null
  /** For totals over several sources. */
  readonly answered: number
  readonly inside80: number
}

export type Method = 'ours' | 'runRate' | 'samePhase' | 'naive' | 'library'
const METHODS: readonly Method[] = ['ours', 'runRate', 'samePhase', 'naive', 'library']

/** The figures of the reporting part, and of the tuning part what breached there: all that the baseline knows of breaches. */
export function figuresOf(source: Source): Figures {
  const questions = source.series.flatMap((series) => series.reporting.map((origin) => judge(series, origin)))
  const tuned = source.series.flatMap((series) => series.tuning.map((origin) => judge(series, origin))).filter(isAnswered)
  const judged = questions.filter(isAnswered)
  const inside80 = judged.filter(({ actual, forecast: { rest } }) => rest.low80 <= actual && actual <= rest.high80).length
  const inside95 = judged.filter(({ actual, forecast: { rest } }) => rest.low95 <= actual && actual <= rest.high95).length
  const budgets = judged.flatMap((each) => each.budgets)
  const usual = climatologyOf(tuned)
  return {
    asked: questions.length,
    refused: questions.length - judged.length,
    errors: errorsOf(judged, source.isOfManyScales),
    within80: shareOf(inside80, judged.length),
    within95: shareOf(inside95, judged.length),
    budgets: budgets.length,
    brier: meanOf(budgets.map(({ probability, breached }) => (probability - Number(breached)) ** 2)),
    brierRunRate: meanOf(budgets.map(({ runRate, breached }) => (runRate - Number(breached)) ** 2)),
    brierClimatology: meanOf(budgets.map(({ multiple, breached }) => ((usual.get(multiple) ?? 0.5) - Number(breached)) ** 2)),
    answered: judged.length,
    inside80,
  }
}

function isAnswered(judged: Judged | null): judged is Judged {
  return judged !== null
}

/**
 * The absolute errors of all questions by all that was to be forecast (WAPE); of series on many scales the mean of the error of each question by what
 * it asked for, so that the largest does not speak for all. Where a method says nothing of a question, it has no error there.
 */
function errorsOf(judged: readonly Judged[], isOfManyScales: boolean): Record<Method, number | null> {
  const entries = METHODS.map((method): [Method, number | null] => {
    const said = judged.flatMap((each) => {
      const value = each[method]
      return value === null ? [] : [{ error: Math.abs(value - each.actual), actual: Math.abs(each.actual) }]
    })
    if (isOfManyScales) return [method, meanOf(said.filter(({ actual }) => actual > 0).map(({ error, actual }) => error / actual))]
    const total = said.reduce((sum, { actual }) => sum + actual, 0)
    return [method, total === 0 ? null : said.reduce((sum, { error }) => sum + error, 0) / total]
  })
  return Object.fromEntries(entries) as Record<Method, number | null>
}

/** How often a budget of each multiple was passed on the tuning part. */
function climatologyOf(judged: readonly Judged[]): ReadonlyMap<number, number> {
  const budgets = judged.flatMap((each) => each.budgets)
  return new Map(
    MULTIPLES.flatMap((multiple): [number, number][] => {
      const share = meanOf(budgets.filter((budget) => budget.multiple === multiple).map(({ breached }) => Number(breached)))
      return share === null ? [] : [[multiple, share]]
    }),
  )
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
