export { reconciliationCsv } from './csv.ts'
export { reconcile } from './reconcile.ts'
export * from './records.ts'
