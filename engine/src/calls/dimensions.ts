import { unreachable } from '../kernel/index.ts'
import type { CallRow, Dimension, FixedDimension } from './records.ts'

/** What a row says of a dimension; null where it says nothing. An empty tag value is a value. */
export function dimensionOf(row: CallRow, dimension: Dimension): string | null {
  if (isTag(dimension)) {
    const name = dimension.slice('tag:'.length)
    return Object.hasOwn(row.tags, name) ? (row.tags[name] ?? null) : null
  }
  return fixedDimensionOf(row, dimension)
}

function isTag(dimension: Dimension): dimension is `tag:${string}` {
  return dimension.startsWith('tag:')
}

function fixedDimensionOf(row: CallRow, dimension: FixedDimension): string | null {
  switch (dimension) {
    case 'organization':
      return row.organization
    case 'agent':
      return row.agent
    case 'model':
      return row.model
    case 'seller':
      return row.seller
    case 'workflow':
      return row.workflow
    case 'run':
      return row.runId
    case 'session':
      return row.sessionId
    case 'user':
      return row.userId
    case 'team':
      return row.team
    case 'project':
      return row.project
    case 'cost_center':
      return row.costCenter
    case 'action':
      return row.action
    case 'key':
      return row.keyId
    case 'source':
      return row.source
    case 'status':
      return row.status
    case 'error':
      return row.errorCode
    default:
      return unreachable(dimension)
  }
}
