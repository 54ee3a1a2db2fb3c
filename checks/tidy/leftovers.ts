import type { Rule, Violation } from './rule.ts'
import { lineAt } from './source-text.ts'

const CHECKED = /\.(?:tsx?|mjs|js|css|sh|sql)$|^\.ci\//

// The words are put together here so that this file does not hold them itself.
const WORDS = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK']
const SUPPRESSIONS = ['biome' + '-ignore', '@ts' + '-ignore', '@ts' + '-expect-error', '@ts' + '-nocheck', 'eslint' + '-disable']
const PATTERN = new RegExp(`\\b(?:${WORDS.join('|')})\\b|${SUPPRESSIONS.join('|')}`, 'g')

/** What is not finished is an issue, not a comment; what a tool complains about is mended, not silenced. */
export const leftovers: Rule = {
  name: 'no leftovers',
  check: (files) => {
    const checked = files.filter((file) => CHECKED.test(file.path))
    const violations = checked.flatMap((file): Violation[] =>
      [...file.text.matchAll(PATTERN)].map((match) => ({
        path: file.path,
        line: lineAt(file.text, match.index),
        message: `says "${match[0]}"`,
      })),
    )
    return { seen: checked.length, unit: 'files', violations }
  },
}
