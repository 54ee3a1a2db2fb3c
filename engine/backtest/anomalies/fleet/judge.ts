import { type Cause, causeOf, type DetectorParameters, detect, type ModelUse, type Use } from '../../../src/insights/index.ts'
import { picos } from '../../../src/kernel/index.ts'
import { utcSlot } from '../methods.ts'
import type { Labelled } from '../score.ts'
import { type AgentWeeks, ratesOf } from './fleet.ts'

const HOUR_MS = 3_600_000
const WEEK_HOURS = 168
/** A Monday, 00:00 UTC. */
const START = Date.UTC(2026, 0, 5)
/** Comparable hours are those of so many weeks before. */
const WEEKS_BEFORE = 4

/** The hourly spend of an agent, with the label of its fault; the first week is learned from. */
export function labelledWeeks({ agent, hours, fault }: AgentWeeks): Labelled {
  const values = hours.map(({ models }) => Number(models.reduce((sum, { cost }) => sum + cost, 0n)) / 1e12)
  const windows = fault === null ? [] : [{ start: START + fault.start * HOUR_MS, end: START + fault.end * HOUR_MS }]
  return {
    ...{ name: agent.name, heldOut: true, from: START + WEEK_HOURS * HOUR_MS, windows },
    series: { start: START, stepMs: HOUR_MS, values },
  }
}

/** What is called the cause of a fault with what is known when it is noticed; null: it is not noticed. */
export function causeWhenNoticed(weeks: AgentWeeks, labelled: Labelled, parameters: DetectorParameters, toleranceMs: number): Cause | null {
  const [window] = labelled.windows
  if (window === undefined) return null
  const { findings } = detect(labelled.series, { slotOf: utcSlot, from: labelled.from, parameters })
  const finding = findings.find(
    ({ direction, detectedAt }) => direction === 'up' && detectedAt >= window.start && detectedAt <= window.end + toleranceMs,
  )
  if (finding === undefined) return null
  const [from, to] = [(finding.start - START) / HOUR_MS, (finding.detectedAt - START) / HOUR_MS]
  const during = Array.from({ length: to - from }, (_, index) => from + index)
  const before = during.flatMap((step) => hoursBefore(step, from))
  return causeOf(useOf(weeks, before), useOf(weeks, during), { of: BigInt(during.length), per: BigInt(Math.max(1, before.length)) })
}

/** The same hour of the weeks before an episode began. */
function hoursBefore(step: number, from: number): number[] {
  const weeksInside = Math.floor((step - from) / WEEK_HOURS)
  const weeks = Array.from({ length: WEEKS_BEFORE }, (_, index) => step - (weeksInside + 1 + index) * WEEK_HOURS)
  return weeks.filter((each) => each >= 0 && each < from)
}

function useOf({ hours }: AgentWeeks, steps: readonly number[]): Use {
  const models = new Map<string, ModelUse>()
  let [repeats, times] = [0, 1]
  for (const step of steps) {
    const hour = hours[step]
    if (hour === undefined) continue
    repeats += hour.repeats
    times = hour.priceTimes
    for (const use of hour.models) models.set(use.model, sumOf(models.get(use.model), use))
  }
  return { models: [...models.values()], repeats, rates: new Map([...models.keys()].map((model) => [model, ratesOf(model, times)])) }
}

function sumOf(left: ModelUse | undefined, right: ModelUse): ModelUse {
  if (left === undefined) return right
  return {
    model: left.model,
    calls: left.calls + right.calls,
    failed: left.failed + right.failed,
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cost: picos(left.cost + right.cost),
  }
}
