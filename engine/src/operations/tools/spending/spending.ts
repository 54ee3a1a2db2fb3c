import { type AggregateRow, type CallQuery, type Dimension, knownCost, type Measures, sumMeasures } from '../../../calls/index.ts'
import { averageCostPerCall } from '../../../insights/index.ts'
import { usdOfPicos } from '../../../kernel/index.ts'
import type { ToolContext } from '../tool.ts'

/** A question about the calls of the tool's agent. It sees everything that was acknowledged before it was asked. */
export function callsOfAgent(
  { services, organization, agent }: ToolContext,
  span: { readonly from?: number; readonly to?: number },
): CallQuery {
  return { scope: { organization }, where: [{ dimension: 'agent', in: [agent] }], ...span, atLeast: services.committer.head() }
}

/** The same about the whole organization; for a key that is bound to an agent, about that agent: nobody reads others through it. */
export function callsOfFleet(context: ToolContext, span: { readonly from?: number; readonly to?: number }): CallQuery {
  if (context.caller.agent !== null) return callsOfAgent(context, span)
  return { scope: { organization: context.organization }, ...span, atLeast: context.services.committer.head() }
}

export async function sumsOf({ services }: ToolContext, query: CallQuery): Promise<Measures> {
  return sumMeasures(await services.calls.aggregate({ ...query, groupBy: [] }))
}

export function groupsOf({ services }: ToolContext, query: CallQuery, groupBy: readonly Dimension[]): Promise<AggregateRow[]> {
  return services.calls.aggregate({ ...query, groupBy })
}

/** A member of an answer with the known cost; none when nothing is known, because that is not zero. */
export function costMember<Name extends string>(name: Name, sums: Measures): { readonly [N in Name]?: string } {
  const cost = knownCost(sums)
  return cost === null ? {} : ({ [name]: usdOfPicos(cost) } as { readonly [N in Name]?: string })
}

export function averageMember(sums: Measures): { readonly avg_cost_per_call?: string } {
  const average = averageCostPerCall(sums)
  return average === null ? {} : { avg_cost_per_call: usdOfPicos(average) }
}
