#!/usr/bin/env node
// Prints what models cost, asked of the Purser server that bills them. Needs Node 20 and nothing else.
// Usage: node scripts/rates.mjs [part of a model's name] [--provider openai] [--json]
// Environment: PURSER_URL (default http://127.0.0.1:4318), PURSER_API_KEY (a key that may list_rates).
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { provider: { type: 'string' }, json: { type: 'boolean' } } })
const url = new URL('/v1/finops/rates', process.env.PURSER_URL || 'http://127.0.0.1:4318')
if (positionals[0] !== undefined) url.searchParams.set('model', positionals[0])
if (values.provider !== undefined) url.searchParams.set('provider', values.provider)

const key = process.env.PURSER_API_KEY
try {
  const answer = await fetch(url, { headers: key ? { authorization: `Bearer ${key}` } : {} })
  const body = await answer.json()
  if (!answer.ok) fail(`${body.detail ?? answer.status} [${body.code ?? answer.status}]`)
  else if (values.json) write(JSON.stringify(body, null, 2))
  else print(body.rates)
} catch (error) {
  fail(`${url.origin} does not answer as Purser does: ${error.message}`)
}

function print(cards) {
  const lines = cards.flatMap(({ provider, model, currency, rates, source }) =>
    rates.map(({ meter, price, per, per_1m: million, when }) => {
      const amount = million === null ? `${price} for ${per}` : `${million} for 1000000`
      return [provider, model, meter, `${amount} ${currency}`, when === undefined ? '' : JSON.stringify(when), source.ref].join('\t')
    }),
  )
  if (lines.length === 0) fail('no rate is known for that: a cost would be unpriced, which is not zero')
  else write(['provider\tmodel\tmeter\tprice\twhen\tsource', ...lines].join('\n'))
}

function write(text) {
  process.stdout.write(`${text}\n`)
}

function fail(words) {
  process.stderr.write(`rates: ${words}\n`)
  process.exitCode = 1
}
