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
