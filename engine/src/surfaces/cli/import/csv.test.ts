import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvSource, readMapping } from './csv.ts'
import type { Imported } from './source.ts'

async function read(text: string, pairs: readonly string[] = []): Promise<Imported[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'purser-csv-')), 'usage.csv')
  writeFileSync(file, text)
  const mapping = readMapping(pairs)
  if (typeof mapping === 'string') throw new Error(mapping)
  const items: Imported[] = []
  for await (const item of csvSource(mapping).read([file], () => {})) items.push(item)
  return items
}

function bodies(items: readonly Imported[]): Readonly<Record<string, unknown>>[] {
  return items.flatMap((item) => (item.kind === 'call' ? [item.body] : []))
}

describe('csv import', () => {
  it('takes columns named like fields and maps the others', async () => {
    const items = await read('\uFEFFmodel,Prompt Tokens,output_tokens,Env,ignored\ngpt-4o,"1,200",30,prod,x\n', [
      'input_tokens=Prompt Tokens',
      'tag:env=Env',
    ])
    expect(bodies(items)).toMatchObject([
      { model: 'gpt-4o', input_tokens: 1200, output_tokens: 30, tags: { env: 'prod' }, source: 'import:csv' },
    ])
    expect(bodies(items)[0]).not.toHaveProperty('ignored')
  })

  it('gives the same ids in every run, and equal rows ids of their own', async () => {
    const text = 'model,input_tokens\ngpt-4o,1\ngpt-4o,1\ngpt-4o,2\n'
    const first = bodies(await read(text)).map((body) => body.call_id)
    expect(new Set(first).size).toBe(3)
    expect(bodies(await read(text)).map((body) => body.call_id)).toEqual(first)
  })

  it('keeps an id that the file has', async () => {
    expect(bodies(await read('call_id,model\nreq-1,gpt-4o\n'))).toMatchObject([{ call_id: 'req-1' }])
  })

  it('reads quotes and newlines in cells, and goes on after a bad line', async () => {
    const items = await read('model,agent_name,input_tokens\ngpt-4o,"a ""quoted""\nname",5\ngpt-4o,b,many\ngpt-4o,c,7\n')
    expect(bodies(items)).toMatchObject([{ agent_name: 'a "quoted"\nname' }, { agent_name: 'c', input_tokens: 7 }])
    expect(items[1]).toMatchObject({ kind: 'skipped', reason: 'input_tokens is "many", which is not a number' })
  })

  it('says which column is missing and which columns there are', async () => {
    const [item] = await read('Model\ngpt-4o\n', ['model=model name'])
    expect(item).toMatchObject({ kind: 'skipped', reason: 'has no column "model name" (its columns: Model)' })
  })

  it.each([
    ['no-sign', 'is not field=column'],
    ['colour=Model', 'is not a field'],
    ['=Model', 'is not field=column'],
  ])('refuses the mapping %s', (pair, why) => {
    expect(readMapping([pair])).toContain(why)
  })
})
