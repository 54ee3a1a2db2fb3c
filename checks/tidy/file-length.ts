import type { Rule } from './rule.ts'

const LINES_MAX = 400
const COUNTED = /\.(?:tsx?|mjs|js|css|sh|sql)$/

/** Files that were longer when the rule came: they may shrink, never grow. Empty is the aim. */
const RATCHET: Readonly<Record<string, number>> = {}

/** A file holds one idea; past this length a reader can no longer see which. */
export const fileLength: Rule = {
  name: 'file length',
  check: (files) => {
    const counted = files.filter((file) => COUNTED.test(file.path))
    const violations = counted.flatMap((file) => {
      const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0)
      const limit = RATCHET[file.path] ?? LINES_MAX
      return lines <= limit ? [] : [{ path: file.path, message: `has ${lines} lines; the limit is ${limit}` }]
    })
    return { seen: counted.length, unit: 'files', violations }
  },
}
