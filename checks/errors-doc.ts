import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '../engine/src/kernel/errors.ts'
import { ROOT } from './tidy/repository.ts'

export const ERRORS_DOC = 'docs/errors.md'

const INTRODUCTION = `# Errors

Generated from \`engine/src/kernel/errors.ts\` by \`npx tsx checks/errors-doc.ts\`; a test fails when it is not current.

Every refusal is a problem document (RFC 9457, \`application/problem+json\`). Its \`code\` is stable and is one of the codes below; \`detail\`
says in words what was wrong, and \`path\` is a JSON pointer to the field. "Retry" says whether sending the same thing again can help; where
it can, send it with the same id, so that it is counted once.
`

/** The text of `docs/errors.md`: one row for every code of the registry, in its order. */
export function errorsDoc(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.title} | ${entry.retryable ? 'yes' : 'no'} | ${cell(entry.remedy)} |`,
  )
  return `${INTRODUCTION}\n| code | status | title | retry | what to do |\n|---|---:|---|---|---|\n${rows.join('\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(ROOT, ERRORS_DOC), errorsDoc())
