export * from './ports.ts'
export * from './records.ts'
