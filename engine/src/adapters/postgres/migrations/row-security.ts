import { BOOKS_ROLE, TENANT_ROLE } from '../connect/connect.ts'

/** What the keeper of the books may do with a table. A journal is only ever added to, and the database holds us to it. */
type Keeping = 'appended' | 'changed'

/**
 * Row-level security of a table whose rows belong to organizations, for its owner too. A tenant reads the rows of the organization in the setting
 * `purser.organization`, and none where that is not set; `shared` rows, which belong to the whole installation, it reads as well.
 */
export function ofOrganizations(table: string, keeping: Keeping, { shared = false } = {}): string {
  const own = `organization = current_setting('purser.organization', true)`
  return `${ofBooks(table, keeping)}
CREATE POLICY of_tenant ON purser.${table} FOR SELECT TO ${TENANT_ROLE} USING (${shared ? String.raw`${own} OR organization = '\*'` : own});
GRANT SELECT ON purser.${table} TO ${TENANT_ROLE};
`
}

/** Row-level security of a table that no tenant sees: what is known of all organizations together. */
export function ofBooks(table: string, keeping: Keeping): string {
  return `
ALTER TABLE purser.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE purser.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY of_books ON purser.${table} TO ${BOOKS_ROLE} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT${keeping === 'changed' ? ', UPDATE, DELETE' : ''} ON purser.${table} TO ${BOOKS_ROLE};`
}
