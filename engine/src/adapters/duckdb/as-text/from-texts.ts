import type { ActivityQuery, AggregateQuery, CallQuery, CallStore, SessionQuery } from '../../../calls/index.ts'
import { activityRows } from './activity.ts'
import { priceableCalls } from './priceable-calls.ts'
import { aggregateRows, failedRunRows, sessionRows } from './read-text.ts'

/** Questions with many rows to their answer, answered as a text. */
export interface TextQueries {
  aggregateText(query: AggregateQuery): Promise<string>
  lastPostedText(query: CallQuery & { readonly limit: number }): Promise<string>
  failedRunsText(query: CallQuery & { readonly limit: number }): Promise<string>
  sessionsText(query: SessionQuery): Promise<string>
  activityText(query: ActivityQuery): Promise<string>
}

/** The same questions as the port has them: the texts are read by whoever asks, in its own thread. */
export function fromTexts(texts: TextQueries): Pick<CallStore, 'aggregate' | 'lastPosted' | 'failedRuns' | 'sessions' | 'activity'> {
  return {
    aggregate: async (query) => aggregateRows(await texts.aggregateText(query), query.groupBy.length, query.bucket !== undefined),
    lastPosted: async (query) => priceableCalls(await texts.lastPostedText(query)),
    failedRuns: async (query) => failedRunRows(await texts.failedRunsText(query)),
    sessions: async (query) => sessionRows(await texts.sessionsText(query)),
    activity: async (query) => activityRows(await texts.activityText(query)),
  }
}
