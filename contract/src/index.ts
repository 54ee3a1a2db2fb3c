export * from './analytics.ts'
export * from './scalars.ts'
export * from './tracking.ts'
