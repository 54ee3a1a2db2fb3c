import { type AllocationsAnswer, type ModelAllocationsAnswer, spendAllocations, spendAllocationsByModel } from '@purser/contract'
import type { Measures } from '../../../calls/index.ts'
import { allocateToAgents, sharesOf, spendByModel } from '../../../insights/index.ts'
import { ok, type Result } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implement } from '../../operation.ts'
import { spentAnswer } from '../spent.ts'
import { spanAnswer, trailingDays } from '../trailing.ts'

const LINES = 100

/** Whose cost it is: by organization and agent. */
export const spendAllocationsOperation = implement(spendAllocations, async (context, input): Promise<Result<AllocationsAnswer>> => {
  const trailing = trailingDays(context, input)
  if (!trailing.ok) return trailing
  return answering(async () => {
    const spend = await allocateToAgents(context.services.calls, trailing.value.query, input.limit ?? LINES)
    const { shares, rest } = sharedOut(spend.lines, spend.unattributed, spend.others)
    return ok({
      ...spanAnswer(trailing.value),
      ...spentAnswer(spend.total),
      allocations: spend.lines.map((line, index) => ({
        organizationId: line.organization,
        agentId: line.agent,
        ...spentAnswer(line),
        sharePercent: shares[index] ?? null,
      })),
      ...rest,
    })
  })
})

/** Which models the cost is of. */
export const spendAllocationsByModelOperation = implement(
  spendAllocationsByModel,
  async (context, input): Promise<Result<ModelAllocationsAnswer>> => {
    const trailing = trailingDays(context, input)
    if (!trailing.ok) return trailing
    return answering(async () => {
      const spend = await spendByModel(context.services.calls, { ...trailing.value.query, limit: input.limit ?? LINES })
      const { shares, rest } = sharedOut(spend.models, spend.unattributed, spend.others)
      return ok({
        ...spanAnswer(trailing.value),
        ...spentAnswer(spend.total),
        allocations: spend.models.map((line, index) => ({
          modelId: line.model,
          ...spentAnswer(line),
          sharePercent: shares[index] ?? null,
        })),
        ...rest,
      })
    })
  },
)

/** The shares of the lines, and what stands beside them with theirs: together they add up to 100. */
function sharedOut(lines: readonly Measures[], unattributed: Measures, others: Measures | null) {
  const shares = sharesOf([...lines, unattributed, ...(others === null ? [] : [others])].map(({ cost }) => cost))
  const shareAt = (index: number): number | null => shares[index] ?? null
  const rest = {
    unattributed: { ...spentAnswer(unattributed), sharePercent: shareAt(lines.length) },
    others: others === null ? null : { ...spentAnswer(others), sharePercent: shareAt(lines.length + 1) },
  }
  return { shares, rest }
}
