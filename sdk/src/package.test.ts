import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))

it('needs nothing at run time but the runtime', () => {
  const manifest = JSON.parse(readFileSync(`${folder}/../package.json`, 'utf8')) as Record<string, unknown>
  expect(manifest.dependencies).toBeUndefined()
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file))
  const statements = sources.flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8')
    return [...text.matchAll(/^(import|export)\b(?:(?!^(?:import|export)\b)[\s\S])*?\bfrom '([^']+)'/gm)].map(
      ([statement, , from = '']) => ({
        file,
        from,
        isType: /^(?:import|export) type\b/.test(statement),
      }),
    )
  })
  expect(statements.length).toBeGreaterThan(40)
  const foreign = statements.filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'))
  expect(foreign).toEqual([{ file: 'wire.ts', from: '@purser/contract', isType: true }])
})
