import type { Database } from 'better-sqlite3'
import { picos } from '../../../kernel/index.ts'
import type { AuditDraft, AuditEntry, MarketStore, MetricsReport, ServiceOffer } from '../../../ledger/index.ts'

/** Offers and metrics on SQLite. An offer and the entry that says who changed it are written in one transaction. */
export function sqliteMarketStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): MarketStore {
  const put = database.prepare<[string, string, string]>('INSERT OR REPLACE INTO services VALUES (?, ?, ?)')
  const one = database.prepare<[string, string], string>('SELECT body FROM services WHERE organization = ? AND id = ?').pluck()
  const all = database.prepare<[string], string>('SELECT body FROM services WHERE organization = ? ORDER BY id').pluck()
  const addMetrics = database.prepare<[string, string, number, string, string]>(
    'INSERT INTO metrics VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const metricsById = database.prepare<[string, string], string>('SELECT body FROM metrics WHERE organization = ? AND id = ?').pluck()
  const metricsOf = database
    .prepare<[string, string, number, number], string>(
      'SELECT body FROM metrics WHERE organization = ? AND agent = ? AND at >= ? AND at < ? ORDER BY at, id',
    )
    .pluck()
  const metricsOfAll = database
    .prepare<[string, number, number], string>('SELECT body FROM metrics WHERE organization = ? AND at >= ? AND at < ? ORDER BY at, id')
    .pluck()
  const putWithAudit = database.transaction((service: ServiceOffer, audit: AuditDraft) => {
    put.run(service.organization, service.id, JSON.stringify({ ...service, price: service.price.toString() }))
    appendAudit(audit)
  })
  return {
    putService: async (service, audit) => putWithAudit.immediate(service, audit),
    service: async (organization, id) => {
      const body = one.get(organization, id)
      return body === undefined ? null : serviceOf(body)
    },
    services: async (organization) =>
      all
        .all(organization)
        .map(serviceOf)
        .sort((a, b) => a.createdAt - b.createdAt),
    addMetrics: async (report) => {
      const { changes } = addMetrics.run(report.organization, report.agent, report.at, report.id, JSON.stringify(report))
      const kept = JSON.parse(metricsById.get(report.organization, report.id) ?? '') as MetricsReport
      return { kept, isNew: changes === 1 }
    },
    metrics: async (organization, agent, { from, to }) => {
      const bodies = agent === null ? metricsOfAll.all(organization, from, to) : metricsOf.all(organization, agent, from, to)
      return bodies.map((body) => JSON.parse(body) as MetricsReport)
    },
  }
}

function serviceOf(body: string): ServiceOffer {
  const stored = JSON.parse(body) as Omit<ServiceOffer, 'price'> & { readonly price: string }
  return { ...stored, price: picos(BigInt(stored.price)) }
}
