import type { Attribution } from '../records.ts'
import type { BudgetDimension } from './rule.ts'

/** All that budgets can ask of a call, known before it is made and after. */
export interface CallScope extends Attribution {
  readonly organization: string
  /** The run of the call first, then the runs above it. */
  readonly runs: readonly string[]
  /** As the caller named it: an answer may come from another model, and the hold was taken for this one. */
  readonly model: string | null
  readonly seller: string
  /** Id of the key it was reported with. */
  readonly key: string | null
}

/** What is known of a call before it is made, beside who and what. */
export type PlannedCall = Pick<CallScope, 'model' | 'seller' | 'key'>

/** Written out, and not a spread: made several times for every call, of records with many more fields. */
export function callScope(organization: string, runs: readonly string[], { model, seller, key }: PlannedCall, who: Attribution): CallScope {
  return {
    organization,
    runs,
    model,
    seller,
    key,
    agent: who.agent,
    user: who.user,
    session: who.session,
    workflow: who.workflow,
    team: who.team,
    project: who.project,
    costCenter: who.costCenter,
    action: who.action,
    tags: who.tags,
  }
}

/** The values that a call has in a dimension: one, none when nothing is known, and for runs one for each that it is a part of. */
export function valuesIn(scope: CallScope, dimension: BudgetDimension): readonly string[] {
  if (dimension === 'run') return scope.runs
  const value = valueIn(scope, dimension)
  return value === null ? [] : [value]
}

function valueIn(scope: CallScope, dimension: Exclude<BudgetDimension, 'run'>): string | null {
  switch (dimension) {
    case 'organization':
    case 'agent':
    case 'team':
    case 'project':
    case 'user':
    case 'session':
    case 'workflow':
    case 'model':
    case 'seller':
    case 'key':
    case 'action':
      return scope[dimension]
    case 'cost_center':
      return scope.costCenter
    default:
      return tagOf(scope, dimension.slice('tag:'.length))
  }
}

function tagOf({ tags }: CallScope, name: string): string | null {
  return Object.hasOwn(tags, name) ? (tags[name] ?? null) : null
}
