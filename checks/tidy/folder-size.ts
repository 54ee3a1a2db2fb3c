import { posix } from 'node:path'
import type { Rule } from './rule.ts'

const FILES_MAX = 24
/** Collections, where every file is one more of the same kind. */
const COLLECTIONS = /^(?:conformance|docs|web\/public)(?:\/|$)/

/** A folder reads as a table of contents; one that does not fit on a screen lacks a room. */
export const folderSize: Rule = {
  name: 'folder size',
  check: (files) => {
    const counts = new Map<string, number>()
    for (const { path } of files) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1)
    const violations = [...counts]
      .filter(([folder, count]) => count > FILES_MAX && !COLLECTIONS.test(folder))
      .map(([folder, count]) => ({ path: folder, message: `holds ${count} files; the limit is ${FILES_MAX}` }))
    return { seen: counts.size, unit: 'folders', violations }
  },
}
