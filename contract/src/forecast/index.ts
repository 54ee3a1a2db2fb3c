export * from './answer.ts'
export * from './series.ts'
export * from './snake-case.ts'
