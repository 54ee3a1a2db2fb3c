import { listMetrics, type MetricsAnswer, type MetricsSubmitted, submitMetrics } from '@purser/contract'
import { ALL_TIME, fail, formatInstant, ok, type Result, refusal } from '../../kernel/index.ts'
import type { MetricsReport } from '../../ledger/index.ts'
import { ownAgent } from '../authority/own-agent.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { reportedTime, timeOr } from '../validation/index.ts'

/** Keeps figures that an agent states about its work, for an escrow where they are the proof of one. */
export const submitMetricsOperation = implement(submitMetrics, async ({ services, caller }, input): Promise<Result<MetricsSubmitted>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const agent = ownAgent(caller, input.agent_name, '/agent_name')
  if (!agent.ok) return agent
  const now = services.now()
  const at = typeof input.timestamp === 'string' ? reportedTime(input.timestamp, now) : ok(now)
  if (!at.ok) return at
  const escrow = await provenEscrow(services, organization.value, agent.value, input.escrow_id ?? null)
  if (!escrow.ok) return escrow
  const report: MetricsReport = {
    organization: organization.value,
    id: input.metrics_id ?? services.newId(),
    agent: agent.value,
    metrics: input.metrics,
    escrow: escrow.value,
    at: at.value,
  }
  const { kept, isNew } = await services.market.addMetrics(report)
  const difference = DIFFERING.find((field) => JSON.stringify(kept[field]) !== JSON.stringify(report[field]))
  if (difference !== undefined) {
    const detail = `metrics "${report.id}" were submitted before with another ${difference}`
    return fail(refusal('id_reused', detail, { path: difference === 'metrics' ? '/metrics' : `/${difference}_name` }))
  }
  return ok({ ...answerOf(kept), replayed: !isNew })
})

const DIFFERING = ['agent', 'metrics'] as const

/** Of each agent the mean of every figure. */
export const listMetricsOperation = implement(listMetrics, async ({ services, caller }, input): Promise<Result<MetricsAnswer>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const from = timeOr(input.from, '/from', ALL_TIME.start)
  if (!from.ok) return from
  const to = timeOr(input.to, '/to', ALL_TIME.end)
  if (!to.ok) return to
  const reports = await services.market.metrics(organization.value, input.agent_name ?? null, { from: from.value, to: to.value })
  const agents = new Map<string, MetricsReport[]>()
  for (const report of reports) agents.set(report.agent, [...(agents.get(report.agent) ?? []), report])
  return ok({ agents: [...agents].map(([agent, of]) => averagesOf(agent, of)) })
})

function averagesOf(agent: string, reports: readonly MetricsReport[]): MetricsAnswer['agents'][number] {
  const sums = new Map<string, { sum: number; count: number }>()
  for (const { metrics } of reports) {
    for (const [name, value] of Object.entries(metrics)) {
      const { sum, count } = sums.get(name) ?? { sum: 0, count: 0 }
      sums.set(name, { sum: sum + value, count: count + 1 })
    }
  }
  return {
    agent_name: agent,
    reports: reports.length,
    averages: Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, sum / count])),
    last_at: formatInstant(Math.max(...reports.map(({ at }) => at))),
  }
}

/** The escrow that metrics prove: one that pays this agent. */
async function provenEscrow(services: Services, organization: string, agent: string, id: string | null): Promise<Result<string | null>> {
  if (id === null) return ok(null)
  const entry = await services.ledger.findEntry(organization, 'escrow_open', id)
  if (entry?.event.kind === 'escrow_open' && entry.event.escrow.payee === agent) return ok(id)
  return fail(refusal('not_found', `there is no escrow "${id}" that pays "${agent}" here`, { path: '/escrow_id' }))
}

function answerOf({ id, organization, agent, metrics, escrow, at }: MetricsReport): Omit<MetricsSubmitted, 'replayed'> {
  return {
    metrics_id: id,
    organization_id: organization,
    agent_name: agent,
    metrics: { ...metrics },
    escrow_id: escrow,
    at: formatInstant(at),
  }
}
