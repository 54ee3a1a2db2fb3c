import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvSource, readMapping } from './csv.ts'
import type { Imported } from './source.ts'

async function read(text: string | Buffer, pairs: readonly string[] = [], at: string | null = '2026-11-01T00:00:00Z'): Promise<Imported[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'purser-csv-')), 'usage.csv')
  writeFileSync(file, text)
  const mapping = readMapping(pairs)
  if (typeof mapping === 'string') throw new Error(mapping)
  const items: Imported[] = []
  for await (const item of csvSource({ mapping, at }).read([file], () => {})) items.push(item)
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

  it('says once which mapped column is missing and which columns there are', async () => {
    await expect(read('Model\ngpt-4o\ngpt-4o\n', ['model=model name'])).rejects.toThrow('has no column "model name"; its columns: Model')
  })

  it('reads semicolons, tabs, dates and dollar signs', async () => {
    const items = await read('model;input_tokens;cost_usd;timestamp\ngpt-4o;5;$0.01;2026-11-02\n', [], null)
    expect(bodies(items)).toMatchObject([{ model: 'gpt-4o', input_tokens: 5, cost_usd: '0.01', timestamp: '2026-11-02T00:00:00Z' }])
    expect(bodies(await read('model\tinput_tokens\ngpt-4o\t7\n'))).toMatchObject([{ model: 'gpt-4o', input_tokens: 7 }])
  })

  it.each([
    ['model,input_tokens\ngpt-4o,"1,5"\n', 'input_tokens is "1,5", which is not a number'],
    ['model,success\ngpt-4o,perhaps\n', 'success is "perhaps", which is not true or false'],
    ['model,input_tokens\ngpt-4o\n', 'the line is shorter than the header'],
  ])('does not guess at %j', async (text, reason) => expect(await read(text)).toMatchObject([{ kind: 'skipped', line: 2, reason }]))

  it('does not make one name of two that are no UTF-8, and keeps a replacement character that is the text', async () => {
    const bytes = Buffer.concat([Buffer.from('model,agent_name\ngpt-4o,a'), Buffer.from([0xe9]), Buffer.from('\ngpt-4o,b\n')])
    expect(await read(bytes)).toMatchObject([
      { kind: 'skipped', line: 2, reason: 'is not UTF-8 text' },
      { kind: 'call', body: { agent_name: 'b' } },
    ])
    expect(bodies(await read('model,agent_name\ngpt-4o,a\uFFFD\n'))).toMatchObject([{ agent_name: 'a\uFFFD' }])
  })

  it('does not date history now', async () => {
    expect(await read('model\ngpt-4o\n', [], null)).toMatchObject([{ kind: 'skipped', reason: expect.stringContaining('has no time') }])
  })

  it.each([
    ['succeeded', true],
    ['Failed', false],
    ['0', false],
  ])('reads the outcome %s', async (word, success) => {
    expect(bodies(await read(`model,success\ngpt-4o,${word}\n`))).toMatchObject([{ success }])
  })

  it.each([
    ['no-sign', 'is not field=column'],
    ['colour=Model', 'is not a field'],
    ['=Model', 'is not field=column'],
  ])('refuses the mapping %s', (pair, why) => {
    expect(readMapping([pair])).toContain(why)
  })
})
