import type { DailyCustomer } from '@purser/contract'
import { assert, type Picos, picosOfUsd, sha256Hex, usdOfPicos } from '../../kernel/index.ts'
import type { Services } from '../context.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'

/** What an organization said of itself when it registered. */
export interface Registration {
  readonly companyName: string
  readonly email: string | null
  readonly monthlyBudget: Picos | null
  /** Whole percent of it. */
  readonly alertThresholdPct: number
  /** IANA zone in which its days begin. */
  readonly zone: string
}

export const REGISTRATION = { kind: 'daily_registration', id: 'registration' } as const
export const ALERT_THRESHOLD_PCT = 80
const ZONE = 'UTC'

/** Null while nobody has registered. */
export async function registrationOf(services: Pick<Services, 'documents'>, organization: string): Promise<Registration | null> {
  const kept = await services.documents.document({ organization, ...REGISTRATION })
  return kept === null ? null : decodeRegistration(kept.body)
}

export function zoneOf(registration: Registration | null): string {
  return registration?.zone ?? ZONE
}

/** The customer of every answer; one that has not registered is known by its organization only. */
export function customerAnswer(organization: string, registration: Registration | null): DailyCustomer {
  return {
    id: customerId(organization),
    organization_id: organization,
    company_name: registration?.companyName ?? null,
    email: registration?.email ?? null,
    monthly_budget: usdNumber(registration?.monthlyBudget ?? null),
    monthly_budget_exact: usdText(registration?.monthlyBudget ?? null),
    alert_threshold_pct: registration?.alertThresholdPct ?? null,
    zone: zoneOf(registration),
  }
}

export function customerId(organization: string): string {
  return `cust_${sha256Hex(JSON.stringify(['customer', organization])).slice(0, 24)}`
}

interface RegistrationBody {
  readonly company_name: string
  readonly email: string | null
  readonly monthly_budget: string | null
  readonly alert_threshold_pct: number
  readonly zone: string
}

export function encodeRegistration({ companyName, email, monthlyBudget, alertThresholdPct, zone }: Registration): string {
  const body: RegistrationBody = {
    company_name: companyName,
    email,
    monthly_budget: monthlyBudget === null ? null : usdOfPicos(monthlyBudget),
    alert_threshold_pct: alertThresholdPct,
    zone,
  }
  return JSON.stringify(body)
}

function decodeRegistration(text: string): Registration {
  const body = JSON.parse(text) as RegistrationBody
  const monthlyBudget = body.monthly_budget === null ? null : picosOfUsd(body.monthly_budget)
  assert(body.monthly_budget === null || monthlyBudget !== null, 'a budget that was kept is an amount')
  return {
    companyName: body.company_name,
    email: body.email,
    monthlyBudget,
    alertThresholdPct: body.alert_threshold_pct,
    zone: body.zone,
  }
}
