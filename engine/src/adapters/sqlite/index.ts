export { lockFolder } from './folder-lock.ts'
export { openJournalReader } from './journal-reader.ts'
export { openSqlite, type SqliteStores } from './open.ts'
export { ledgerPath } from './open-database.ts'
