import { columnsOf, foreignColumns } from '../columns.ts'
import { type Cells, NULL_WORDS } from './cells.ts'
import type { FileFacts, FocusRule } from './rule.ts'

const NAME_CHARS_MAX = 50
const FOCUS_NAME = /^[A-Z][A-Za-z0-9]*$/

/** The rules about the file as a whole: the names and order of its columns, and how nothing and numbers are written. */
export const FILE_RULES: readonly FocusRule[] = [
  headerRule(
    'file.names',
    `names of columns must be PascalCase (ours x_ and then free) and have at most ${NAME_CHARS_MAX} characters`,
    ({ header }) => header.filter((name) => name.length > NAME_CHARS_MAX || !(FOCUS_NAME.test(name) || isCustom(name))),
  ),
  headerRule('file.unique-names', 'no two columns may have one name', ({ header }) =>
    header.filter((name, index) => header.indexOf(name) !== index),
  ),
  headerRule('file.focus-first', 'columns of FOCUS must stand before custom ones', ({ header, version }) => {
    const known = new Set(columnsOf(version).map(({ name }) => name))
    const firstCustom = header.findIndex((name) => isCustom(name))
    return firstCustom === -1 ? [] : header.slice(firstCustom).filter((name) => known.has(name))
  }),
  headerRule('file.custom-names', 'a custom column must begin with x_', ({ header, version }) => {
    const known = new Set([...columnsOf(version).map(({ name }) => name), ...foreignColumns(version)])
    return header.filter((name) => FOCUS_NAME.test(name) && !known.has(name))
  }),
  headerRule('file.other-version', 'columns of another version of FOCUS must not be there', ({ header, version }) => {
    const foreign = new Set(foreignColumns(version))
    return header.filter((name) => foreign.has(name))
  }),
  {
    id: 'file.rectangular',
    text: 'every row must have a field for each column, and none more',
    severity: 'must',
    columns: [],
    // Where two columns have one name it cannot be told which field is whose.
    watch: ({ header }) => (new Set(header).size < header.length ? 'two columns have one name' : { row: (cells) => !cells.isWhole }),
  },
  {
    id: 'file.nulls',
    text: 'what is null must be an empty field, and no word for nothing',
    severity: 'must',
    columns: [],
    watch: ({ header }) => ({ row: (cells) => header.some((name) => NULL_WORDS.has(cells.raw(name) ?? '')) }),
  },
  {
    id: 'file.decimals',
    text: 'a column of decimals should not hold whole numbers alone, which readers take for integers',
    severity: 'should',
    columns: [],
    watch: wholeColumns,
  },
]

function headerRule(id: string, text: string, wrong: (file: FileFacts) => readonly string[]): FocusRule {
  return { id, text, severity: 'must', columns: [], watch: (file) => ({ end: () => [...new Set(wrong(file))] }) }
}

function isCustom(name: string): boolean {
  return name.startsWith('x_')
}

function wholeColumns({ version, has }: FileFacts) {
  const seen = new Map<string, boolean>()
  const decimals = columnsOf(version).filter(({ name, type }) => type === 'decimal' && has(name))
  return {
    row: (cells: Cells): boolean => {
      for (const { name } of decimals) {
        const text = cells.text(name)
        if (text !== null) seen.set(name, (seen.get(name) ?? true) && /^-?\d+$/.test(text))
      }
      return false
    },
    end: () => [...seen].flatMap(([name, whole]) => (whole ? [name] : [])),
  }
}
