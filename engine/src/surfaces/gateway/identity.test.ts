import { describe, expect, it } from 'vitest'
import rows from '../../../../conformance/gateway/identity.json' with { type: 'json' }
import { identityOf } from './identity.ts'

describe('who a call is for', () => {
  it.each(rows)('$name', (row) => {
    const long = (text: string) => JSON.parse(text.replace('{300}', 'x'.repeat(300)).replace('{256}', 'x'.repeat(256)))
    expect(identityOf(long(JSON.stringify(row.headers)), row.user ?? null)).toEqual(long(JSON.stringify(row.expect)))
  })
})
