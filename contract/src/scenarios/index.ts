export * from './what-if.ts'
