import { posix } from 'node:path'
import type { SourceFile } from './rule.ts'
import { lineAt, withoutComments } from './source-text.ts'

export interface Import {
  readonly from: string
  /** What is imported: a path from the root for our own files, the specifier as written for packages. */
  readonly target: string
  readonly ours: boolean
  readonly typeOnly: boolean
  /** Named by `new URL(…)` to be run as a thread, not linked into this one. */
  readonly launched: boolean
  readonly line: number
}

// Three forms: `import … from 'x'` and `export … from 'x'`, `import 'x'`, and `import('x')` or `new URL('x', import.meta.url)`.
const STATEMENT = /(?:^|[\n;}])\s*(?:(?:import|export)\s+(?<type>type\s+)?[\w*{}\s,$]*?\bfrom\s*|import\s*)(['"])(?<name>[^'"\n]+)\2/g
const EXPRESSION = /\b(?:import\s*\(\s*|(?<launch>new\s+URL)\s*\(\s*)(['"])(?<name>[^'"\n]+)\2/g

/** Everything that a file imports, with relative paths resolved. Code named by `new URL(…)`, such as a thread, counts as well. */
export function importsOf(file: SourceFile): readonly Import[] {
  const code = withoutComments(file.text)
  const found: Import[] = []
  for (const pattern of [STATEMENT, EXPRESSION]) {
    for (const match of code.matchAll(pattern)) {
      const name = match.groups?.name ?? ''
      const ours = name.startsWith('.')
      const launched = match.groups?.launch !== undefined
      // A URL of data, such as a catalog beside the code, is read and not imported.
      if (launched && !/\.[tj]s$/.test(name)) continue
      found.push({
        from: file.path,
        target: ours ? posix.normalize(posix.join(posix.dirname(file.path), name)) : name,
        ours,
        typeOnly: match.groups?.type !== undefined,
        launched,
        line: lineAt(code, match.index + match[0].indexOf(name)),
      })
    }
  }
  return found
}
