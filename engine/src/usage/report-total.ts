import { estimateTokenCount } from 'tokenx'
import { fail, ok, type Result, refusal } from '../kernel/index.ts'
import { type UsageReport, usageOfReport } from './report.ts'
import type { MeterEvidence, Usage, UsageNote } from './usage.ts'

/** A report that may know only how many tokens were used together. */
export interface TotalReport extends UsageReport {
  readonly totalTokens?: number | undefined
  /** What was sent and what came back, only to divide a total by: not kept. */
  readonly inputText?: string | undefined
  readonly outputText?: string | undefined
}

/**
 * Counters with a total → `Usage`. With one of input and output the other is the rest. With neither, the total is divided as the texts divide by their estimated
 * tokens; without texts all of it is taken as input, which is the least it can have cost. What was divided so is `assumed`, with a note that says how. Refuses a
 * total that contradicts its parts.
 */
export function usageOfTotal({ totalTokens, inputText, outputText, ...report }: TotalReport): Result<Usage> {
  const { inputTokens, outputTokens } = report
  if (totalTokens === undefined) return usageOfReport(report)
  if (inputTokens !== undefined || outputTokens !== undefined) {
    const input = inputTokens ?? totalTokens - (outputTokens ?? 0)
    const output = outputTokens ?? totalTokens - input
    if (input < 0 || output < 0 || input + output !== totalTokens) return fail(contradiction(totalTokens))
    return usageOfReport({ ...report, inputTokens: input, outputTokens: output })
  }
  const { output, detail } = divided(totalTokens, inputText ?? '', outputText ?? '')
  const parts = (report.cacheReadTokens ?? 0) + (report.cacheWriteTokens ?? 0)
  const divide = usageOfReport({
    ...report,
    inputTokens: Math.max(totalTokens - output, parts),
    outputTokens: Math.min(output, totalTokens - parts),
  })
  if (!divide.ok) return divide
  if (totalTokens < parts) return fail(contradiction(totalTokens))
  return ok(assumed(divide.value, detail))
}

function contradiction(total: number) {
  return refusal('invalid_field', `a total of ${total} tokens contradicts the counts of its parts`, { path: '/total_tokens' })
}

function divided(total: number, inputText: string, outputText: string): { output: number; detail: string } {
  const [sent, received] = [inputText, outputText].map((text) => (text === '' ? 0 : Math.max(1, estimateTokenCount(text))))
  if (sent === undefined || received === undefined || sent + received === 0) {
    return { output: 0, detail: `only the total of ${total} tokens is known; all are taken as input, so the call cost at least this` }
  }
  const output = Math.round((total * received) / (sent + received))
  const detail = `only the total of ${total} tokens is known; by the texts about ${total - output} are input and ${output} output`
  return { output, detail }
}

function assumed(usage: Usage, detail: string): Usage {
  const note: UsageNote = { code: 'split_assumed', detail }
  const inferences = usage.inferences.map((inference) => {
    const evidence: MeterEvidence = { ...inference.evidence, input: 'assumed', output: 'assumed' }
    return { ...inference, evidence }
  })
  return { ...usage, inferences, notes: [...usage.notes, note] }
}
