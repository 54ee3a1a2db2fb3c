import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SQL_DOC, sqlDoc, withEngine } from './sql-doc.ts'
import { MEANINGS, TABLES } from './sql-words.ts'
import { ROOT } from './tidy/repository.ts'

describe('docs/sql.md', () => {
  it('is what the engine generates; run `npx tsx --conditions=@purser/source checks/sql-doc.ts`', async () => {
    expect(readFileSync(join(ROOT, SQL_DOC), 'utf8')).toBe(await sqlDoc())
  })

  it('says of every column what it holds, and of none that is not there', async () => {
    const doc = await sqlDoc()
    const columns = [...doc.matchAll(/^\| `([a-z_]+)` \| (.+) \| (.*) \|$/gm)]
    expect(columns.length).toBeGreaterThan(100)
    expect(columns.filter(([, , , meaning]) => meaning === '').map(([, name]) => name)).toEqual([])
    const there = new Set(columns.map(([, name]) => name))
    expect(Object.values(MEANINGS).flatMap((words) => Object.keys(words).filter((name) => !there.has(name)))).toEqual([])
  })

  it('has examples that the engine answers', async () => {
    const examples = Object.values(TABLES).map(({ example }) => example)
    expect(examples).toHaveLength(11)
    await withEngine(async (ask) => {
      for (const example of examples) expect((await ask(example)).columns.length, example).toBeGreaterThan(0)
    })
  })
})
