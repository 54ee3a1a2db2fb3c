import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERRORS } from '../engine/src/kernel/errors.ts'
import { ERRORS_DOC, errorsDoc } from './errors-doc.ts'
import { ROOT, repositoryFiles } from './tidy/repository.ts'
import { isTest, withoutComments } from './tidy/source-text.ts'

/** Codes of the registry that appear as a literal in no source of the engine. */
function unraised(codes: readonly string[], sources: readonly string[]): string[] {
  return codes.filter((code) => !sources.some((source) => source.includes(`'${code}'`)))
}

describe('docs/errors.md', () => {
  it('is what the registry generates; run `npx tsx checks/errors-doc.ts`', () => {
    expect(readFileSync(join(ROOT, ERRORS_DOC), 'utf8')).toBe(errorsDoc())
  })

  it('has a row for every code', () => {
    const codes = Object.keys(ERRORS)
    expect(codes.length).toBeGreaterThan(0)
    expect(codes.filter((code) => !errorsDoc().includes(`| \`${code}\` |`))).toEqual([])
  })
})

describe('the error registry', () => {
  const sources = repositoryFiles()
    .filter((file) => file.path.startsWith('engine/src/') && file.path.endsWith('.ts') && !isTest(file))
    .filter((file) => file.path !== 'engine/src/kernel/errors.ts')
    .map((file) => withoutComments(file.text))

  it('holds no code that nothing raises', () => {
    expect(sources.length).toBeGreaterThan(0)
    expect(unraised(Object.keys(ERRORS), sources)).toEqual([])
  })

  it('would notice a code that nothing raises', () => {
    expect(unraised([...Object.keys(ERRORS), 'never_raised'], sources)).toContain('never_raised')
  })
})
