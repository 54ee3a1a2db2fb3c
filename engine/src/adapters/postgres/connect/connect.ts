import postgres, { type Sql } from 'postgres'

/** What connections are for, and with it the role they work under; see `roles.ts`. */
export type Purpose = 'commits' | 'books' | 'tenants' | 'news' | 'administration'

export const BOOKS_ROLE = 'purser_books'
export const TENANT_ROLE = 'purser_tenant'

const SECONDS_CONNECT_MAX = 5
const SECONDS_IDLE_MAX = 60

interface Manners {
  readonly role?: string
  readonly connections: number
  readonly settings: Readonly<Record<string, string>>
}

/** A statement runs this long at most; a node that holds the head and says nothing loses it after this long. */
const STATEMENT_MS_MAX = '30000'
const LOCK_MS_MAX = '15000'
const SILENT_MS_MAX = '10000'

const MANNERS: Readonly<Record<Purpose, Manners>> = {
  // The transaction that has just been acknowledged and the next one.
  commits: {
    role: BOOKS_ROLE,
    connections: 2,
    settings: {
      lock_timeout: LOCK_MS_MAX,
      // Rows are found by their keys, however many there are and whatever the planner has heard of it: one plan, made once.
      plan_cache_mode: 'force_generic_plan',
      enable_seqscan: 'off',
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      jit: 'off',
    },
  },
  books: { role: BOOKS_ROLE, connections: 4, settings: {} },
  tenants: { role: TENANT_ROLE, connections: 3, settings: { default_transaction_read_only: 'on' } },
  news: { role: BOOKS_ROLE, connections: 1, settings: {} },
  administration: { connections: 1, settings: { lock_timeout: '60000', statement_timeout: '600000' } },
}

/** Connections to the database of `url`, opened when they are needed and closed when they are not. */
export function connect(url: string, purpose: Purpose, settings: Readonly<Record<string, string>> = {}): Sql {
  const { role, connections, settings: own } = MANNERS[purpose]
  return postgres(url, {
    max: connections,
    idle_timeout: SECONDS_IDLE_MAX,
    connect_timeout: SECONDS_CONNECT_MAX,
    backoff: (tries) => Math.min(0.05 * 2 ** tries, 1),
    // Arrays are written and read as text here, so nothing need be known of their types.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: `purser ${purpose}`,
      search_path: 'purser',
      statement_timeout: STATEMENT_MS_MAX,
      idle_in_transaction_session_timeout: SILENT_MS_MAX,
      ...own,
      ...settings,
      ...(role === undefined ? {} : { role }),
    } as unknown as Record<string, string>,
  })
}

/** Where a database is, for people: without the password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname, username } = new URL(url)
  const user = username === '' ? '' : `${decodeURIComponent(username)}@`
  return `${user}${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}${decodeURIComponent(pathname)}`
}
