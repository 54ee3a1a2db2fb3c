import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksOf, type Document, runDocuments } from '../../../conformance/documents/fenced.ts'
import { type TestServer, testServer } from '../../../conformance/http/test-server.ts'

const SKILLS = fileURLToPath(new URL('../../../skills', import.meta.url))
const PACK = join(SKILLS, 'purser')
const ADMIN_KEY = 'purser-test-admin-key'
/** Long before the end of a day, so that nothing begins anew while a document is read. */
const NOW = Date.parse('2026-11-22T10:00:00Z')

function document(name: string): Document {
  return { name, markdown: readFileSync(join(PACK, name), 'utf8') }
}

/** In the order in which somebody reads them: who sets the agent up, then the agent. */
const READ = ['references/integration.md', 'SKILL.md', 'references/rates.md', 'references/refusals.md', 'references/prompts.md']

describe('the commands of the skill', () => {
  let server: TestServer

  beforeEach(async () => {
    server = await testServer({ adminKey: ADMIN_KEY, auth: 'required', now: () => NOW })
  })
  afterEach(() => server.close())

  function run(documents: readonly Document[]) {
    return runDocuments(documents, { cwd: PACK, env: { PURSER_URL: server.url, PURSER_ADMIN_KEY: ADMIN_KEY } })
  }

  it('do what the documents say, against a real server, each of them', async () => {
    const runs = await run(READ.map(document))
    expect(runs.flatMap(({ where, faults }) => faults.map((fault) => `${where} ${fault}`))).toEqual([])
    expect(runs.length).toBeGreaterThanOrEqual(15)
    const rates = runs.find(({ command }) => command.includes('rates.mjs'))
    expect(rates?.output).toContain('\nopenai\tgpt-4o-mini\tinput\t')
  })

  it.each([
    ['a tool that is not there', 'get_spending_allowance","input', 'get_allowance","input'],
    ['a field that is not known', '"reason":"not needed"', '"why":"not needed"'],
    ['another amount', '"cost": "0.076825"', '"cost": "0.08"'],
    ['a refusal where there is none', '"held_usd": "0.0425"', '"status": 402'],
    ['a command that is not there', 'purser \'{"tool":"get_budget_status', 'pursor \'{"tool":"get_budget_status'],
  ])('are looked at: %s is found', async (_name, right, wrong) => {
    const skill = document('SKILL.md')
    expect(skill.markdown).toContain(right)
    const runs = await run([document('references/integration.md'), { ...skill, markdown: skill.markdown.replace(right, wrong) }])
    expect(runs.flatMap(({ faults }) => faults).length).toBeGreaterThan(0)
  })

  it('work without a key on a server of this machine that has none', async () => {
    const local = await testServer({ now: () => NOW })
    try {
      const runs = await runDocuments(
        [
          {
            name: 'local',
            markdown: document('SKILL.md').markdown.replaceAll('"input":{', '"input":{"agent_id":"researcher",').replaceAll('",}', '"}'),
          },
        ],
        {
          cwd: PACK,
          env: { PURSER_URL: local.url },
        },
      )
      expect(runs[1]?.output).toContain('"may_spend_usd":null')
    } finally {
      await local.close()
    }
  })

  it('say when the script is asked for what is not known, or a server that is none', async () => {
    const runs = await runDocuments(
      [
        {
          name: 'x',
          markdown:
            '```sh\nnode scripts/rates.mjs nobody-sells-this 2>&1\n```\n```sh\nPURSER_URL=http://127.0.0.1:1 node scripts/rates.mjs 2>&1\n```',
        },
      ],
      { cwd: PACK, env: { PURSER_URL: server.url, PURSER_API_KEY: ADMIN_KEY } },
    )
    expect(runs.map(({ output }) => output)).toEqual([
      'rates: no rate is known for that: a cost would be unpriced, which is not zero',
      expect.stringContaining('does not answer as Purser does'),
    ])
  })
})

/** The rules of the Agent Skills format: front matter, names, lengths, and references one level deep. */
function faultsOfSkill(folder: string, text: string, exists: (path: string) => boolean): string[] {
  const faults: string[] = []
  const matter = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text)
  if (matter === null) return ['there is no front matter between two lines of ---']
  const fields = parse(matter[1] ?? '') as Record<string, unknown>
  const body = matter[2] ?? ''
  const { name, description, compatibility, metadata } = fields
  if (typeof name !== 'string' || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || name.length > 64)
    faults.push('the name is not of small letters, digits and single hyphens, at most 64')
  if (name !== folder) faults.push('the name is not that of its folder')
  if (typeof description !== 'string' || description.trim() === '' || description.length > 1_024)
    faults.push('the description is not text of 1 to 1024 characters')
  if (compatibility !== undefined && (typeof compatibility !== 'string' || compatibility.length > 500))
    faults.push('compatibility is not text of at most 500 characters')
  if (metadata !== undefined && Object.values(metadata as object).some((value) => typeof value !== 'string'))
    faults.push('metadata has a value that is no text')
  const known = new Set(['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'])
  for (const field of Object.keys(fields)) if (!known.has(field)) faults.push(`the field ${field} is not known`)
  if (body.split('\n').length > 500) faults.push('the body has more than 500 lines')
  for (const [, href = ''] of body.matchAll(/\]\(([^)]+)\)/g)) {
    if (/^[a-z]+:/.test(href)) continue
    if (href.startsWith('/') || href.includes('..')) faults.push(`${href} leads out of the skill`)
    else if (href.split('/').length > 2) faults.push(`${href} is more than one level deep`)
    else if (!exists(href)) faults.push(`${href} is not there`)
  }
  return faults
}

describe('the form of the skill', () => {
  const text = readFileSync(join(PACK, 'SKILL.md'), 'utf8')
  const exists = (path: string): boolean => statSync(join(PACK, path), { throwIfNoEntry: false })?.isFile() === true

  it('keeps the rules of the format', () => {
    expect(faultsOfSkill('purser', text, exists)).toEqual([])
  })

  it.each([
    ['no front matter', text.replace('---\n', ''), 'no front matter'],
    ['a name with capitals', text.replace('name: purser', 'name: Purser'), 'the name is not'],
    ['a name with two hyphens', text.replace('name: purser', 'name: purser--kit'), 'the name is not'],
    ['another name than its folder', text.replace('name: purser', 'name: accounts'), 'not that of its folder'],
    ['a description that is too long', text.replace('description: ', `description: ${'long '.repeat(210)}`), 'the description'],
    ['a field of its own', text.replace('license:', 'licence:'), 'licence is not known'],
    ['a link that leads nowhere', text.replace('references/rates.md)', 'references/prices.md)'), 'references/prices.md is not there'],
    ['a link out of the skill', text.replace('references/rates.md)', '../rates.md)'), 'leads out'],
    ['a body that is too long', `${text}${'\n'.repeat(500)}`, 'more than 500 lines'],
  ])('does not keep them with %s', (_name, broken, fault) => {
    expect(faultsOfSkill('purser', broken, exists).join('\n')).toContain(fault)
  })

  it('leaves no file of the pack unread, and has no price in it that could go stale', () => {
    const files = readdirSync(PACK, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [relative(PACK, join(entry.parentPath, entry.name))] : [],
    )
    for (const file of files.filter((name) => name.endsWith('.md'))) {
      const markdown = readFileSync(join(PACK, file), 'utf8')
      expect(READ).toContain(file)
      for (const { language } of blocksOf(markdown)) expect(['sh', 'json', 'text']).toContain(language)
      expect(markdown).not.toMatch(/\$\d+(?:\.\d+)? (?:per|for) (?:a )?(?:million|1M|1K)/i)
      for (const [, href = ''] of markdown.matchAll(/\]\(([^)]+)\)/g)) expect(exists(join(dirname(file), href)), href).toBe(true)
    }
    expect(files).toContain('scripts/rates.mjs')
  })
})
