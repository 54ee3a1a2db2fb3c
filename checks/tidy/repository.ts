import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceFile } from './rule.ts'

/** The folder that holds the repository. */
export const ROOT: string = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** What `.gitignore` names, and git's own folder. */
const IGNORED = new Set(['.git', 'node_modules', 'dist', 'coverage', 'purser-data', '.DS_Store'])
const TEXT =
  /\.(?:tsx?|mjs|js|jsonl?|md|ya?ml|css|html|sh|sql|svg|txt|csv)$|(?:^|\/)(?:LICENSE|NOTICE|\.npmrc|\.gitignore|\.node-version)$|^\.ci\//

/** Every text file of the repository. Read from the folder, not from git, so that a new file is checked before it is added. */
export function repositoryFiles(root: string = ROOT): readonly SourceFile[] {
  return pathsUnder(root, '')
    .filter((path) => TEXT.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function pathsUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return pathsUnder(root, path)
    return entry.isFile() ? [path] : []
  })
}
