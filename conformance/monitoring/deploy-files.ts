import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../deploy/', import.meta.url)

export const ALERTS_FILE: string = fileURLToPath(new URL('prometheus/purser-alerts.yml', folder))
export const SCRAPE_FILE: string = fileURLToPath(new URL('prometheus/prometheus.yml', folder))

export interface Panel {
  readonly title: string
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

export interface Dashboard {
  readonly title: string
  readonly uid: string | null
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  readonly panels: readonly Panel[]
}

export function dashboard(): Dashboard {
  return JSON.parse(readFileSync(new URL('grafana/purser.json', folder), 'utf8')) as Dashboard
}

/** Expressions of the dashboard, with lengths of time in place of the variables that Grafana fills in. */
export function dashboardExpressions(): string[] {
  return dashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll(/\$__(?:range|rate_interval)/g, '1h')))
}

/** Expressions of the alert rules, which stand on one line each. */
export function alertExpressions(): string[] {
  return [...readFileSync(ALERTS_FILE, 'utf8').matchAll(/^ +expr: (.+)$/gm)].map(([, expression = '']) => expression)
}

/** Names of metrics in an expression: words that are no function, no label and no text. */
export function metricsIn(expression: string): string[] {
  const plain = expression.replaceAll(/\{[^}]*\}|"[^"]*"|\b(?:by|without|on)\s*\([^)]*\)/g, '')
  return [...plain.matchAll(/\b[a-z]+_[a-z_]+\b(?!\s*\()/g)].map(([name]) => name)
}
