import { CAUSES, SPEND_PARAMETERS } from '../../src/insights/index.ts'
import { FAULT_KINDS } from './fleet/faults.ts'
import { type AgentWeeks, fleetOf } from './fleet/fleet.ts'
import { causeWhenNoticed, labelledWeeks } from './fleet/judge.ts'
import { type Method, multiplier, ours, threeSigma, threshold } from './methods.ts'
import { hours, medianOf, methodLines, percent, perWeek, TABLE_HEAD } from './report-series.ts'
import { added, type Labelled, NOTHING, type Score, scoreOf } from './score.ts'

/** Parameters were chosen on worlds of the seeds 1 to 9. */
const SEEDS_TUNED = 9
const SEEDS_HELD_OUT = { first: 101, count: 27 }
/** An alarm so soon after the end of a fault is still about it. */
const TOLERANCE_MS = 24 * 3_600_000

interface Judged {
  readonly weeks: AgentWeeks
  readonly labelled: Labelled
  readonly score: Score
}

/** What faults that were planted into a simulated fleet are noticed, and what of what is clean is taken for one. */
export function fleetReport(say: (line: string) => void): string[] {
  const methods = [ours(SPEND_PARAMETERS, 'up'), multiplier(3, 'up'), threeSigma('up'), threshold('up')]
  const [tuned, held] = [worlds(1, SEEDS_TUNED), worlds(SEEDS_HELD_OUT.first, SEEDS_HELD_OUT.count)]
  const [method] = methods
  if (method === undefined) return []
  const judged = held.map(
    ([weeks, labelled]): Judged => ({ weeks, labelled, score: scoreOf(labelled, method.alarms(labelled), TOLERANCE_MS) }),
  )
  const series = held.map(([, labelled]) => labelled)
  say(`${held.length} agents over ten weeks`)
  return [
    `### All faults together, on the ${SEEDS_HELD_OUT.count} worlds that parameters were not chosen on`,
    '',
    ...TABLE_HEAD,
    ...methodLines(methods, series, TOLERANCE_MS),
    '',
    `On the ${SEEDS_TUNED} worlds that they were chosen on:`,
    '',
    ...TABLE_HEAD,
    ...methodLines(
      methods.slice(0, 1),
      tuned.map(([, labelled]) => labelled),
      TOLERANCE_MS,
    ),
    '',
    '### By fault',
    '',
    '| fault | planted | found | recall | median delay | beside: 3 times the mean | 3 sigma | static | cause named rightly | when wrong, it says |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|---|',
    ...FAULT_KINDS.map((kind) => faultLine(kind, judged, methods.slice(1))),
    '',
    '### By agent',
    '',
    '| agent | faults | found | false alarms | agent-weeks | false per agent-week |',
    '|---|---:|---:|---:|---:|---:|',
    ...agentLines(judged),
    '',
    '### What was missed',
    '',
    ...judged
      .filter(({ score }) => score.windows > score.found)
      .map(({ weeks }) => `- ${weeks.agent.name}: ${weeks.fault?.kind} (${weeks.fault?.words})`),
  ]
}

function worlds(first: number, count: number): (readonly [AgentWeeks, Labelled])[] {
  return Array.from({ length: count }, (_, index) => fleetOf(first + index))
    .flat()
    .map((weeks) => [weeks, labelledWeeks(weeks)] as const)
}

function faultLine(kind: string, all: readonly Judged[], others: readonly Method[]): string {
  const judged = all.filter(({ weeks }) => weeks.fault?.kind === kind)
  const total = judged.map(({ score }) => score).reduce(added, NOTHING)
  const beside = others.map((method) => {
    const theirs = judged.map(({ labelled }) => scoreOf(labelled, method.alarms(labelled), TOLERANCE_MS)).reduce(added, NOTHING)
    return percent(theirs.found, theirs.windows)
  })
  const causes = judged.flatMap(({ weeks, labelled }) => {
    const cause = causeWhenNoticed(weeks, labelled, SPEND_PARAMETERS, TOLERANCE_MS)
    return cause === null ? [] : [{ said: cause.likely, right: weeks.fault?.cause }]
  })
  const right = causes.filter(({ said, right: label }) => said === label)
  const wrong = CAUSES.map((name) => [name, causes.filter(({ said, right: label }) => said === name && said !== label).length] as const)
  const words = wrong.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`)
  const { found, windows, delays } = total
  const own = [kind, windows, found, percent(found, windows), hours(medianOf(delays))]
  return `| ${[...own, ...beside, percent(right.length, causes.length), words.join(', ')].join(' | ')} |`
}

function agentLines(judged: readonly Judged[]): string[] {
  const names = [...new Set(judged.map(({ weeks }) => weeks.agent.name))]
  return names.map((name) => {
    const total = judged
      .filter(({ weeks }) => weeks.agent.name === name)
      .map(({ score }) => score)
      .reduce(added, NOTHING)
    return `| ${[name, total.windows, total.found, total.falseAlarms, total.weeks.toFixed(0), perWeek(total)].join(' | ')} |`
  })
}
