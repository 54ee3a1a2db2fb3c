import { type CostReport, costReport } from '@purser/contract'
import { type CallQuery, type Dimension, knownCost, knownTokens, type Measures } from '../../calls/index.ts'
import {
  type AllocationRule,
  type Chargeback,
  type ChargedLine,
  chargeback,
  chargebackCsv,
  chargedCost,
  chargedTogether,
  knownCharge,
  unattributedLine,
} from '../../insights/index.ts'
import { ok, type Picos, picos, type Result, sumPicos, usdOfPicos } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { type Streamed, streamedCsv } from '../streamed.ts'
import { usdText } from '../wire/charge-answer.ts'
import { timeText, usdNumber } from '../wire/measures-answer.ts'
import { questionOf } from '../wire/question.ts'
import { allocationRules } from './rules.ts'
import { inCamel, statedDimension } from './spelling.ts'

const ROWS_MAX = 10_000
const PATHS = { '/organization_id': '/organizationId' } as const

/** Who is charged what: what each value has spent itself, and its parts of shared costs. */
export const costReportOperation = implement(costReport, async (context, input): Promise<Result<CostReport | Streamed>> => {
  const { groupBy = 'costCenter', format, organizationId, limit = ROWS_MAX, ...span } = input
  const dimension = statedDimension(groupBy, '/groupBy')
  if (!dimension.ok) return dimension
  const bounded = span.period !== undefined || span.from !== undefined || span.to !== undefined
  const question = questionOf(context, {
    ...span,
    ...(bounded ? {} : { period: 'month' }),
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
  })
  if (!question.ok) return inCamel(question, PATHS)
  const { query } = question.value
  return answering<CostReport | Streamed>(async () => {
    const organization = 'organization' in query.scope ? query.scope.organization : null
    const { charged, rules } = await chargedBy(context, query, dimension.value)
    if (format === 'csv') return ok(await streamedCsv(`chargeback-${fileWord(groupBy)}.csv`, chargebackCsv(charged, groupBy)))
    const names = new Map(rules.map(({ id, name }) => [id, name]))
    return ok({
      groupBy,
      organizationId: organization,
      from: timeText(query.from),
      to: timeText(query.to),
      currency: 'USD',
      ...linesOf(charged, limit),
      shared: charged.pools.map((pool) => ({
        ruleId: pool.rule,
        name: names.get(pool.rule) ?? null,
        traces: pool.calls.calls,
        costUsd: usdText(knownCost(pool.calls)),
        unpricedTraces: pool.calls.unpriced,
        parts: pool.parts.map(({ value, amount }) => ({ value, costUsd: usdOfPicos(amount) })),
        restUsd: usdOfPicos(pool.rest),
        reason: pool.reason,
      })),
      total: { ...totalsOf(charged.total), ...costOf(knownCost(charged.total)) },
    })
  })
})

/** Rules belong to an organization, so each is charged by its own, also where all of them are asked about together. */
async function chargedBy(
  { services }: Context,
  query: CallQuery,
  groupBy: Dimension,
): Promise<{ charged: Chargeback; rules: readonly AllocationRule[] }> {
  const ask = async (scope: CallQuery['scope'], rules: readonly AllocationRule[]) =>
    chargeback(services.calls, { ...query, scope, groupBy, rules })
  if ('organization' in query.scope) {
    const rules = await allocationRules(services, query.scope.organization)
    return { charged: await ask(query.scope, rules), rules }
  }
  const organizations = await services.ledger.organizations()
  const rules = await Promise.all(organizations.map((organization) => allocationRules(services, organization)))
  if (rules.every((own) => own.length === 0)) return { charged: await ask(query.scope, []), rules: [] }
  const each = await Promise.all(organizations.map((organization, index) => ask({ organization }, rules[index] ?? [])))
  return { charged: chargedTogether(each), rules: rules.flat() }
}

function linesOf(charged: Chargeback, limit: number): Pick<CostReport, 'rows' | 'unattributed' | 'others'> {
  const { lines, total } = charged
  const left = lines.slice(limit)
  return {
    rows: lines.slice(0, limit).map((line) => ({
      value: line.value,
      ...sumsOf(line),
      sharePercent: knownCharge(line) === null ? null : percentOf(chargedCost(line), total.cost),
    })),
    unattributed: sumsOf(unattributedLine(charged)),
    others: left.length === 0 ? null : { values: left.length, ...costOf(knownSum(left)) },
  }
}

/** Of what is known; null when of no line anything is. */
function knownSum(lines: readonly ChargedLine[]): Picos | null {
  return lines.every((line) => knownCharge(line) === null) ? null : sumPicos(lines.map(chargedCost))
}

function sumsOf(line: ChargedLine): CostReport['unattributed'] {
  const charge = knownCharge(line)
  return {
    ...totalsOf(line.direct),
    ...costOf(charge === null ? null : picos(charge)),
    directCostUsd: usdText(knownCost(line.direct)),
    sharedCostUsd: usdOfPicos(line.shared),
  }
}

function totalsOf(sums: Measures): { traces: number; tokens: number | null; unpricedTraces: number } {
  return { traces: sums.calls, tokens: knownTokens(sums), unpricedTraces: sums.unpriced }
}

function costOf(amount: Picos | null): { costUsd: number | null; costUsdExact: string | null } {
  return { costUsd: usdNumber(amount), costUsdExact: usdText(amount) }
}

/** To the hundredth, for people; null where there is no total above zero to be a part of. */
function percentOf(part: Picos, whole: Picos): number | null {
  return whole <= 0n ? null : Number((part * 10_000n) / whole) / 100
}

function fileWord(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '-')
}
