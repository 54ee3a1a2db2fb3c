import { fail, type Refusal, type Result } from '../../../kernel/index.ts'

/** Fields of the operations behind the tools, under the names that the tools have them by. */
const FIELDS: Readonly<Record<string, string>> = {
  agent_name: 'agent_id',
  payer: 'agent_id',
  amount_usd: 'amount',
  price_usd: 'price',
  max_price_usd: 'max_price',
  transfer_id: 'deposit_id',
  opening_usd: 'amount',
}

/** The refusal of an operation as the tool's own: its path names the field that the tool was given. */
export function refused({ path, ...refusal }: Refusal): Result<never> {
  if (path === undefined) return fail(refusal)
  const [, first = '', ...rest] = path.split('/')
  return fail({ ...refusal, path: ['', FIELDS[first] ?? first, ...rest].join('/') })
}
