import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../http/test-server.ts'
import { alertExpressions, dashboard, dashboardExpressions, metricsIn } from './deploy-files.ts'

let server: TestServer
let exported: ReadonlySet<string>
beforeAll(async () => {
  server = await testServer()
  const { text } = await server.send('GET', '/actuator/prometheus')
  exported = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) => {
      if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`]
      return type === 'summary' ? [`${name}_sum`, `${name}_count`] : [name]
    }),
  )
})
afterAll(() => server.close())

/** Prometheus' own. */
const OF_THE_SCRAPER = ['up']

describe('the dashboard', () => {
  it('asks only for metrics that the server has', () => {
    const asked = dashboardExpressions().flatMap(metricsIn)
    expect(asked.length).toBeGreaterThan(25)
    expect(asked.filter((name) => !exported.has(name))).toEqual([])
  })

  it('names no data source of one machine: each question goes to the one that is chosen when it is imported', () => {
    const { panels, templating, uid } = dashboard()
    expect(uid).toBeNull()
    expect(templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }))
    const sources = panels.flatMap((panel) => [panel.datasource, ...panel.targets.map(({ datasource }) => datasource)])
    expect(new Set(sources.map((source) => source.uid))).toEqual(new Set(['${' + 'datasource}']))
  })

  it('has panels that do not lie on each other', () => {
    const { panels } = dashboard()
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
  })
})

describe('the alert rules', () => {
  it('ask only for metrics that the server has', () => {
    const asked = alertExpressions().flatMap(metricsIn)
    expect(asked.length).toBeGreaterThan(12)
    expect(asked.filter((name) => !exported.has(name) && !OF_THE_SCRAPER.includes(name))).toEqual([])
  })
})

it('a metric that is not there would be found', () => {
  expect(metricsIn('sum by (agent) (rate(finops_cost_total{model="x_y"}[5m])) > no_such_metric')).toEqual([
    'finops_cost_total',
    'no_such_metric',
  ])
})
