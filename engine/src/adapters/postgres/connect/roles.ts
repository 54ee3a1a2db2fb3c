import postgres, { type Sql } from 'postgres'
import { BOOKS_ROLE, TENANT_ROLE } from './connect.ts'

/**
 * Makes sure of the two roles that this program works under, neither of which passes by row-level security. `purser_tenant` reads the rows of the one
 * organization in the setting `purser.organization`. `purser_books` keeps the books of all of them: a batch of the committer holds commands of
 * several, and it has a policy of its own. The login only administers. Throws with what to do where it may not make them.
 */
export async function ensureRoles(sql: Sql): Promise<void> {
  for (const role of [BOOKS_ROLE, TENANT_ROLE]) await ensureRole(sql, role)
}

const TRIES = 5

/** Roles belong to the whole server: another node, or another database's, may be making the same one. */
async function ensureRole(sql: Sql, role: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      const [found] = await sql.unsafe<{ there: boolean; member: boolean }[]>(
        `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS there,
                coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = $1), false) AS member`,
        [role],
      )
      if (found?.there !== true) await sql.unsafe(`CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT`)
      if (found?.member !== true) await sql.unsafe(`GRANT ${role} TO CURRENT_USER`)
      return
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error
      if (error.code === NOT_PERMITTED) throw new Error(whatToDo())
      if (tried === TRIES) throw error
    }
  }
}

const NOT_PERMITTED = '42501'

function whatToDo(): string {
  return `the database's user may not make the roles that Purser works under; let an administrator of the server run once:
  CREATE ROLE ${BOOKS_ROLE} NOLOGIN; CREATE ROLE ${TENANT_ROLE} NOLOGIN; GRANT ${BOOKS_ROLE}, ${TENANT_ROLE} TO <that user>;`
}
