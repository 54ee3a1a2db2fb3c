import type { DailyAlert } from '@purser/contract'
import { type Millis, sha256Hex } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'
import type { Registration } from '../customer.ts'

/** Whose alerts are asked for, and when. */
export interface AlertsQuestion {
  readonly services: Services
  readonly organization: string
  readonly registration: Registration | null
  readonly zone: string
  readonly now: Millis
}

/** Where alerts come from. Each says what holds at the time of the question, with times that do not depend on it. */
export type AlertSource = (question: AlertsQuestion) => Promise<readonly DailyAlert[]>

/** The same as long as it is about the same thing. */
export function alertId(organization: string, ...about: readonly (string | number)[]): string {
  return `alt_${sha256Hex(JSON.stringify([organization, ...about])).slice(0, 24)}`
}
