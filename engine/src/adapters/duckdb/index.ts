export * from './projection.ts'
export * from './thread/call-store.ts'
export * from './thread/thread-messages.ts'
