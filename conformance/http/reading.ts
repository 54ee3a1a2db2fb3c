import { expect } from 'vitest'
import type { Body, TestServer } from './test-server.ts'

/** The body of a good answer. */
export async function get(server: TestServer, path: string): Promise<Body> {
  const answer = await server.send('GET', `/v1/finops/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

/** The cells of one column of the report as CSV, without its heading. */
export async function csvCells(server: TestServer, column: string, query: string): Promise<string[]> {
  const { text } = await server.send('GET', `/v1/finops/export/report?format=csv&${query}`)
  const [heading = '', ...lines] = text.trimEnd().split('\n')
  const place = heading.split(',').indexOf(column)
  return lines.map((line) => line.split(',')[place] ?? 'no such cell')
}

/** `a.b.0.c`; the longest member name that fits comes first, because agents and workflows have dots and spaces in theirs. */
export function memberAt(value: unknown, path: string): unknown {
  if (path === '' || value === undefined || value === null) return value
  const parts = path.split('.')
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('.')
    if (Object.hasOwn(value as object, name)) {
      return memberAt((value as Record<string, unknown>)[name], parts.slice(length).join('.'))
    }
  }
  return undefined
}
