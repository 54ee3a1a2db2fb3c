export * from './outcomes.ts'
export * from './what-if.ts'
