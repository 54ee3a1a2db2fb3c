export * from './answer.ts'
export * from './endpoints.ts'
export * from './question.ts'
