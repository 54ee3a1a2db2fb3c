export * from './allocation.ts'
export * from './budgets.ts'
export * from './report.ts'
export * from './traces.ts'
