export * from './answers.ts'
export * from './daily-report.ts'
export * from './register.ts'
