import { type ChainAnswer, type ChainNode, callChain as callChainEndpoint } from '@purser/contract'
import { type CallRow, knownCost, knownTokens, measuresOfRow, type RunRow } from '../../calls/index.ts'
import { type Chain, type ChainBranch, callChain, nestChain } from '../../insights/index.ts'
import { assert, fail, ok, type Picos, type Result, refusal } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { costAnswer, rounded, totalAnswer, usdNumber } from '../wire/measures-answer.ts'
import { answering } from './faults.ts'

const CALLS_MAX = 10_000

/** The call tree of one execution, and its critical path. */
export const callChainOperation = implement(callChainEndpoint, async ({ services, caller }, input): Promise<Result<ChainAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  return answering(async () => {
    const chain = await callChain(services.calls, {
      scope: scope.value,
      runId: input.workflow_id,
      atLeast: services.committer.head(),
      limit: CALLS_MAX,
    })
    return chain === null
      ? fail(refusal('not_found', `nothing is known here of workflow "${input.workflow_id}"`, { path: '/workflow_id' }))
      : ok(chainAnswer(chain))
  })
})

function chainAnswer(chain: Chain): ChainAnswer {
  return {
    workflow_id: chain.runId,
    workflow_name: chain.run?.workflow ?? null,
    status: statusOf(chain.run),
    total_calls: chain.total.calls,
    ...totalAnswer(chain.total),
    max_chain_depth: chain.maxChainDepth,
    call_tree: nestChain(chain).map(nodeOf),
    critical_path: chain.criticalPath.calls.map((index) => {
      const { call } = entryAt(chain, index)
      return { agent: call.agent, call_id: call.callId, cost: usdNumber(call.cost), tokens: tokensOfCall(call) }
    }),
    critical_path_cost: usdNumber(knownCostOf(chain.criticalPath)),
    nested_workflows: chain.nestedRuns.map((run) => ({
      workflow_id: run.runId,
      workflow_name: run.workflow,
      parent_workflow_id: run.parentRunId,
      ...costAnswer(run),
      calls: run.calls,
    })),
    truncated: chain.truncated,
  }
}

/** Null when no call on the path has a known cost. */
function knownCostOf({ calls, unpriced, cost }: Chain['criticalPath']): Picos | null {
  return knownCost({ calls: calls.length, unpriced, cost })
}

/** Null for a call that did not report any. */
function tokensOfCall(call: CallRow): number | null {
  return knownTokens(measuresOfRow(call))
}

/** Of a run that only calls have named nobody has said that it runs. */
function statusOf(run: RunRow | null): string {
  if (run === null) return 'unknown'
  if (run.success === null && run.endedAt === null) return run.startedAt === null ? 'unknown' : 'running'
  if (run.success === null) return 'ended'
  return run.success ? 'succeeded' : 'failed'
}

function nodeOf({ entry, children, raised }: ChainBranch): ChainNode {
  const { call } = entry
  return {
    call_id: call.callId,
    agent_name: call.agent,
    model: call.model,
    tokens: tokensOfCall(call),
    cost: usdNumber(call.cost),
    cost_exact: usdText(call.cost),
    status: call.status,
    success: call.success,
    latency_ms: rounded(call.latencyMs),
    workflow_id: call.runId,
    ...(entry.parentMissing ? { parent_missing: true } : {}),
    ...(raised ? { depth: entry.depth } : {}),
    children: children.map(nodeOf),
  }
}

function entryAt(chain: Chain, index: number): Chain['calls'][number] {
  const entry = chain.calls[index]
  assert(entry !== undefined, 'the critical path names calls of the chain')
  return entry
}
