import type { DuckDBConnection } from '@duckdb/node-api'
import { QueryFault } from '../../../calls/index.ts'
import { PUBLISHED } from '../published.ts'

/**
 * Lets through one SELECT over the published names and refuses everything else with `query_refused`. It judges the tree that the
 * database's own parser makes of the text, not the text, and it knows what is allowed, not what is forbidden: a kind of node, a table
 * or a function that is not listed is refused. The connection is read-only and has no access to files as well.
 */
export async function checkReadOnly(connection: DuckDBConnection, text: string, functions: ReadonlySet<string>): Promise<void> {
  // Text ends at a null byte for whoever runs it, not for whoever reads it: the two must see the same.
  if (text.includes('\u0000')) throw refused('it has a null byte')
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR', [text])
  const parsed: Parsed = JSON.parse(String(reader.getRows()[0]?.[0]))
  if (parsed.error)
    throw refused(parsed.error_type === 'not implemented' ? 'only SELECT is allowed' : (parsed.error_message ?? 'it cannot be read'))
  if (parsed.statements?.length !== 1) throw refused('exactly one statement is allowed')
  checkNode(parsed.statements[0]?.node, new Set<string>(PUBLISHED), functions)
}

interface Parsed {
  readonly error: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly statements?: readonly { readonly node: unknown }[]
}

/** Functions that a SELECT may call: those that compute. */
export async function computingFunctions(connection: DuckDBConnection): Promise<Set<string>> {
  const reader = await connection.runAndReadAll(`SELECT DISTINCT function_name FROM duckdb_functions()
    WHERE function_type IN ('scalar', 'aggregate', 'macro') AND schema_name = 'main'`)
  const names = reader.getRows().map(([name]) => String(name).toLowerCase())
  return new Set([...names.filter((name) => !NOT_COMPUTING.test(name)), ...SYNTAX_FUNCTIONS])
}

/** Functions that tell about the server, its settings or its catalog, run text as SQL, wait, or write. */
const NOT_COMPUTING =
  /setting|variable|getenv|currval|nextval|sleep|write_log|query|sql|execute|current_(?:connection|database|schema|catalog|role|transaction|user)|session_user|^user$|txid|search_path|setseed|^pg_|^duckdb|pragma|secret|^read_|glob|block_size|parse_duckdb|^stats$|^error$|^gen_random|^random$|^uuid|export_state|^finalize$|^combine$|file|attach|checkpoint|^icu_|^__internal/

/** What the parser calls window functions and other syntax that is no function of the catalog. */
const SYNTAX_FUNCTIONS = [
  'row_number',
  'rank',
  'dense_rank',
  'rank_dense',
  'percent_rank',
  'cume_dist',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
  'nth_value',
  'count_star',
  'unnest',
  'struct_pack',
  'row',
  'list_value',
  'generate_series',
  'range',
  'grouping',
  'operator',
] as const

/** Tables that a function may make: numbers and the items of a list. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest'])

/** Kinds of query, table reference and modifier. Expressions have a `class` besides and are checked by it. */
const NODE_TYPES: ReadonlySet<string> = new Set([
  'SELECT_NODE',
  'SET_OPERATION_NODE',
  'RECURSIVE_CTE_NODE',
  'CTE_NODE',
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'TABLE_FUNCTION',
  'EXPRESSION_LIST',
  'EMPTY',
  'ORDER_MODIFIER',
  'LIMIT_MODIFIER',
  'LIMIT_PERCENT_MODIFIER',
  'DISTINCT_MODIFIER',
  'ORDER_DEFAULT',
  'ASCENDING',
  'DESCENDING',
  'DECIMAL_TYPE_INFO',
  'STRING_TYPE_INFO',
  'LIST_TYPE_INFO',
  'ARRAY_TYPE_INFO',
  'STRUCT_TYPE_INFO',
])

const EXPRESSION_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'LAMBDA_REF',
  'OPERATOR',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'TYPE',
  'WINDOW',
])

function checkNode(node: unknown, names: ReadonlySet<string>, functions: ReadonlySet<string>): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) checkFields(node as Fields, names, functions)
  const inside = 'cte_map' in node ? checkCommonTables(node.cte_map as CommonTables, names, functions) : names
  for (const [key, child] of Object.entries(node)) {
    // The value of a constant is data: what looks like a node in it is text.
    const isData = key === 'value' && isConstant(node)
    if (key !== 'cte_map' && !isData) checkNode(child, inside, functions)
  }
}

interface CommonTables {
  readonly map: readonly { readonly key: string; readonly value: { readonly query: { readonly node: Fields } } }[]
}

/**
 * Checks `WITH name AS (…)` and gives the names known after it. Each query sees the ones before it, and itself only when it recurs:
 * elsewhere the same name would mean a table of the catalog.
 */
function checkCommonTables(tables: CommonTables, names: ReadonlySet<string>, functions: ReadonlySet<string>): ReadonlySet<string> {
  const known = new Set(names)
  for (const { key, value } of tables.map) {
    const recurs = value.query.node.type === 'RECURSIVE_CTE_NODE'
    checkNode(value, recurs ? new Set([...known, key.toLowerCase()]) : known, functions)
    known.add(key.toLowerCase())
  }
  return known
}

type Fields = Readonly<Record<string, unknown>>

function isConstant(node: object): boolean {
  return 'class' in node && node.class === 'CONSTANT'
}

function checkFields(fields: Fields, names: ReadonlySet<string>, functions: ReadonlySet<string>): void {
  const { class: kind, type } = fields
  if (typeof kind === 'string') {
    if (!EXPRESSION_CLASSES.has(kind)) throw refused(`this kind of expression is not allowed: ${kind.toLowerCase()}`)
  } else if (typeof type === 'string' && !NODE_TYPES.has(type)) throw refused(`this kind of query is not allowed: ${type.toLowerCase()}`)
  if (kind === undefined && type === 'BASE_TABLE') checkTable(fields, names)
  if (kind === undefined && type === 'TABLE_FUNCTION') checkTableFunction(fields)
  if (kind === 'FUNCTION' || kind === 'WINDOW') checkFunction(fields, functions)
}

function checkTable({ schema_name, catalog_name, table_name, at_clause }: Fields, names: ReadonlySet<string>): void {
  const name = String(table_name)
  const plain = (schema_name === '' || schema_name === 'main') && catalog_name === '' && (at_clause ?? null) === null
  if (!plain || !names.has(name.toLowerCase())) throw refused(`"${name}" is not a published table; there are: ${PUBLISHED.join(', ')}`)
}

function checkTableFunction({ function: call }: Fields): void {
  const name = String((call as Fields | undefined)?.function_name).toLowerCase()
  if (!TABLE_FUNCTIONS.has(name)) throw refused(`the table function "${name}" is not allowed`)
}

function checkFunction({ function_name, schema, catalog }: Fields, functions: ReadonlySet<string>): void {
  const name = String(function_name).toLowerCase()
  const plain = (schema === '' || schema === 'main') && (catalog === '' || catalog === undefined)
  if (!plain || !functions.has(name)) throw refused(`the function "${name}" is not allowed`)
}

function refused(why: string): QueryFault {
  return new QueryFault('query_refused', why.split('\n', 1)[0] ?? why)
}
