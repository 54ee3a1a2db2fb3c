import type { Method } from './forecast.ts'

/** How a forecast was made, for whoever has to believe it. `shiftedOn` is a local date. */
export function methodInWords(method: Method, historyDays: number, shiftedOn: string | null): string {
  const days = `${historyDays} ${historyDays === 1 ? 'day' : 'days'}`
  if (method.kind === 'no_spend')
    return `Nothing was spent in ${days}, so nothing is expected; how much a first spend would be cannot be told.`
  if (method.kind === 'intermittent') {
    return `Spent now and then: runs of days are drawn from the last of its ${days}, idle ones too.`
  }
  const season =
    method.seasonSteps === null
      ? 'no weekly pattern was found'
      : `a weekly pattern was found (by chance alone: ${(method.seasonChance ?? 0) < 0.001 ? 'under 0.1' : (100 * (method.seasonChance ?? 0)).toFixed(1)} %)`
  const shift = shiftedOn === null ? '' : `; since ${shiftedOn} it runs on another level, and what came before counts on that one`
  return `Exponential smoothing of ${days}: ${season}${shift}.`
}

/** Why nothing is said. */
export function historyLackingInWords(
  outcome: { readonly known: number; readonly needed: number; readonly busyLacking: number },
  unit = 'day',
): string {
  const { known, needed, busyLacking } = outcome
  if (known < needed)
    return `Not enough history: ${known} whole ${unit}${known === 1 ? '' : 's'} of spend ${known === 1 ? 'is' : 'are'} known, and it takes ${needed}.`
  return `Not enough history: ${busyLacking} more ${unit}${busyLacking === 1 ? '' : 's'} with spend ${busyLacking === 1 ? 'is' : 'are'} needed to tell how it is spent.`
}
