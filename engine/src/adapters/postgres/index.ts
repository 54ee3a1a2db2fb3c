export { openPostgresJournal } from './journal-reader.ts'
export { openPostgres, type PostgresStores } from './open.ts'
