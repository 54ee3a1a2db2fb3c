export * from './amount.ts'
export * from './check.ts'
export * from './depth.ts'
export * from './times.ts'
