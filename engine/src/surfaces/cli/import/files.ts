import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandFailed } from '../world.ts'

/** The files below the given paths with one of the endings, in a fixed order; a path that is a file is taken as it is. */
export async function filesBelow(paths: readonly string[], endings: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => null)
    if (found === null) throw new CommandFailed(`${path} does not exist`)
    if (!found.isDirectory()) {
      files.push(path)
      continue
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) files.push(join(entry.parentPath, entry.name))
    }
  }
  return files.sort()
}
