import type { Millis, Picos } from '../../kernel/index.ts'
import type { AuditDraft } from '../audit-records.ts'

/** What an agent offers to other agents, at a price for each time. */
export interface ServiceOffer {
  readonly organization: string
  readonly id: string
  /** Whoever provides it and is paid for it. */
  readonly agent: string
  readonly name: string
  readonly description: string | null
  readonly price: Picos
  readonly tags: readonly string[]
  readonly createdAt: Millis
  /** When it was taken from offer; null while it is offered. */
  readonly withdrawnAt: Millis | null
}

/** Figures that an agent states about its own work: how good, how many, how fast. They are kept as stated, and belong to the agent that states them. */
export interface MetricsReport {
  readonly organization: string
  readonly id: string
  readonly agent: string
  readonly metrics: Readonly<Record<string, number>>
  /** The escrow that they are the proof for, if they are for one. */
  readonly escrow: string | null
  readonly at: Millis
}

/** What agents offer each other and report of their work. A change of an offer is a change of a price, so it is audited with it. */
export interface MarketStore {
  putService(service: ServiceOffer, audit: AuditDraft): Promise<void>
  service(organization: string, id: string): Promise<ServiceOffer | null>
  /** All offers of an organization, withdrawn ones too, in the order of their creation. */
  services(organization: string): Promise<ServiceOffer[]>
  /** Keeps a report. The first under an id is kept, and given back when another comes. */
  addMetrics(report: MetricsReport): Promise<{ readonly kept: MetricsReport; readonly isNew: boolean }>
  /** Reports of an agent, or of all, within a time, oldest first. */
  metrics(organization: string, agent: string | null, range: { readonly from: Millis; readonly to: Millis }): Promise<MetricsReport[]>
}
