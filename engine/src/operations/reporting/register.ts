import { type DailyRegister, type DailyRegistered, dailyRegister } from '@purser/contract'
import { assert, decimalOfNumber, fail, isZone, ok, type Picos, picosOfDecimal, type Result, refusal } from '../../kernel/index.ts'
import { type KeyRecord, newKeySecret } from '../../ledger/index.ts'
import { changeOf, keep, keepNew } from '../administration/keys/key-changes.ts'
import { draftKey } from '../administration/keys/key-draft.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import {
  ALERT_THRESHOLD_PCT,
  customerAnswer,
  customerId,
  encodeRegistration,
  REGISTRATION,
  type Registration,
  registrationOf,
  zoneOf,
} from './customer.ts'
import { alignBudget } from './month-budget.ts'

/**
 * Says who reports and what the month may cost. The first time there is a key in the answer, which may report and read; registering again changes
 * what is said and makes another key only when asked. The key comes before what is kept, so that who was cut off finds one when trying again. Audited.
 */
export const dailyRegisterOperation = implement(dailyRegister, async (context, input): Promise<Result<DailyRegistered>> => {
  const organization = organizationOf(context.caller, input.organization_id)
  if (!organization.ok) return organization
  const before = await registrationOf(context.services, organization.value)
  const registration = stated(input, before)
  if (!registration.ok) return registration
  const budget = await alignBudget(context, organization.value, registration.value)
  if (!budget.ok) return budget
  const makesKey = before === null || input.new_key === true
  const key = makesKey ? await makeKey(context, organization.value) : ok(null)
  if (!key.ok) return key
  await keepRegistration(context, organization.value, registration.value)
  const { secret = null, id = null, ...opened } = key.value ?? {}
  return ok({
    ok: true,
    message: messageOf(before === null, makesKey),
    api_key: secret,
    key_id: id,
    customer: customerAnswer(organization.value, registration.value),
    budget_id: budget.value,
    ...opened,
  })
})

function messageOf(first: boolean, makesKey: boolean): string {
  if (first) return 'Registered. Keep the key: it is shown once.'
  return makesKey
    ? 'Changed. Keep the new key: it is shown once; earlier keys work until they are revoked.'
    : 'Changed. Earlier keys work on.'
}

/** What is left out stays as it was. */
function stated(input: DailyRegister, before: Registration | null): Result<Registration> {
  const zone = input.zone ?? zoneOf(before)
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  const { monthly_budget: budget, email } = input
  const monthlyBudget = budget === undefined ? (before?.monthlyBudget ?? null) : budget === null ? null : amountOf(budget)
  if (monthlyBudget === 0n) {
    return fail(refusal('invalid_field', 'a budget is at least a millionth of a millionth of a dollar', { path: '/monthly_budget' }))
  }
  return ok({
    companyName: input.company_name,
    email: email === undefined ? (before?.email ?? null) : email,
    monthlyBudget,
    alertThresholdPct: input.alert_threshold_pct ?? before?.alertThresholdPct ?? ALERT_THRESHOLD_PCT,
    zone,
  })
}

function amountOf(usd: number): Picos {
  const decimal = decimalOfNumber(usd)
  assert(decimal !== null, 'the schema lets only finite numbers pass')
  return picosOfDecimal(decimal)
}

interface MadeKey {
  readonly id: string
  readonly secret: string
  readonly admin_secret?: string
}

const KEY_NAME = 'daily reports'

/** On a local server that nobody has made a key for, one made here leaves it open: who asks is the person at this machine, trying things out. */
async function makeKey(context: Context, organization: string): Promise<Result<MadeKey>> {
  const { services, caller } = context
  const draft = draftKey(context, { organization_id: organization, name: KEY_NAME, operations: ['report', 'read'] })
  if (!draft.ok) return draft
  const { secret, sha256, prefix } = newKeySecret(services.randomBytes)
  const key: KeyRecord = { ...draft.value, sha256, prefix, publicKey: null }
  if (services.about.auth === 'local' && services.keyring.isEmpty()) {
    await keep(services, [changeOf(caller, key.createdAt, 'create_key', null, { ...key, sandbox: true })])
    return ok({ id: key.id, secret })
  }
  return ok({ id: key.id, secret, ...(await keepNew(services, caller, key)) })
}

/** Kept in place of what was said before, whoever said it: the last one stands. The same again is no change. */
async function keepRegistration({ services, caller }: Context, organization: string, registration: Registration): Promise<void> {
  const key = { organization, ...REGISTRATION }
  const body = encodeRegistration(registration)
  for (;;) {
    const before = await services.documents.document(key)
    if (before?.body === body) return
    const now = services.now()
    const audit = {
      at: now,
      organization,
      actor: caller.actor,
      action: 'daily_register',
      target: customerId(organization),
      before: before?.body ?? null,
      after: body,
    }
    if (await services.documents.putDocuments([{ ...key, at: now, body, basedOn: before?.version ?? 0 }], [audit])) return
  }
}
