import { picos } from '../../kernel/index.ts'
import type { MarketStore, MetricsReport, ServiceOffer } from '../../ledger/index.ts'
import { appendAudits } from './audit-store.ts'
import type { Pool, Row } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { textIn } from './rows/row-kinds.ts'
import { storedText } from './rows/stored-text.ts'

/** Offers and metrics on PostgreSQL. An offer and the entry that says who changed it are written in one transaction. */
export function postgresMarketStore(books: Pool, reads: Reads): MarketStore {
  return {
    putService: async (service, audit) => {
      const body = JSON.stringify({ ...service, price: service.price.toString() })
      await books.transaction(async (ask) => {
        await appendAudits(ask, [audit])
        await ask(PUT_SERVICE, [storedText(service.organization), storedText(service.id), body])
      })
    },
    service: async (organization, id) => {
      const [row] = await reads(organization, SERVICES, { and: 'id = $1::text', values: [storedText(id)] })
      return row === undefined ? null : serviceOf(row)
    },
    services: async (organization) =>
      (await reads(organization, SERVICES, { order: 'ORDER BY id' })).map(serviceOf).sort((a, b) => a.createdAt - b.createdAt),
    addMetrics: (report) =>
      books.transaction(async (ask) => {
        const { organization, id, agent, at } = report
        const key = [storedText(organization), storedText(id)]
        const added = await ask(ADD_METRICS, [...key, storedText(agent), String(at), JSON.stringify(report)])
        const [row] = await ask(`${METRICS} WHERE organization = $1::text AND id = $2::text`, key)
        return { kept: row === undefined ? report : metricsOf(row), isNew: added.length === 1 }
      }),
    metrics: async (organization, agent, { from, to }) => {
      const within = [from, to].map((at) => String(Math.min(Math.max(at, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)))
      const ofAgent = agent === null ? '' : ' AND agent = $3::text'
      const rows = await reads(organization, METRICS, {
        and: `at >= $1::bigint AND at < $2::bigint${ofAgent}`,
        order: 'ORDER BY at, id',
        values: [...within, ...(agent === null ? [] : [storedText(agent)])],
      })
      return rows.map(metricsOf)
    },
  }
}

const SERVICES = 'SELECT body FROM services'
const PUT_SERVICE = `INSERT INTO services VALUES ($1::text, $2::text, $3::text) ON CONFLICT (organization, id) DO UPDATE SET body = excluded.body`
const METRICS = 'SELECT body FROM metrics'
const ADD_METRICS = `INSERT INTO metrics VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::text) ON CONFLICT DO NOTHING RETURNING id`

function serviceOf(row: Row): ServiceOffer {
  const stored = JSON.parse(textIn(row, 'body')) as Omit<ServiceOffer, 'price'> & { readonly price: string }
  return { ...stored, price: picos(BigInt(stored.price)) }
}

function metricsOf(row: Row): MetricsReport {
  return JSON.parse(textIn(row, 'body')) as MetricsReport
}
