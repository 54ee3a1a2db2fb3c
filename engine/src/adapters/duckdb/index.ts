export * from './call-store.ts'
export * from './projection.ts'
export * from './thread-messages.ts'
