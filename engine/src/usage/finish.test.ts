import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finishOf } from './finish.ts'

interface Case {
  readonly name: string
  readonly body?: unknown
  readonly stream?: readonly unknown[]
  readonly text?: string
  readonly finish: string
}
const { cases }: { cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../../conformance/gateway/finishes.json', import.meta.url), 'utf8'),
)

function bytesOf({ body, stream, text }: Case): Uint8Array {
  const events = stream?.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
  return new TextEncoder().encode(text ?? events ?? JSON.stringify(body))
}

describe('how an answer ended', () => {
  it.each(cases)('$name', (one) => expect(finishOf(bytesOf(one))).toBe(one.finish))

  it('reads anything without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue().map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (text) => void finishOf(text),
      ),
    )
  })

  it('never calls an answer complete that was cut anywhere before its end is said', () => {
    for (const one of cases.filter(({ stream, finish }) => stream !== undefined && finish === 'complete')) {
      const whole = bytesOf(one)
      const said = new TextDecoder().decode(whole).search(/"stop"|"end_turn"|"completed"/)
      for (let end = 0; end < said; end += 7) expect(finishOf(whole.subarray(0, end))).not.toBe('complete')
    }
  })
})
