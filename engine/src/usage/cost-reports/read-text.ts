import { ok, type Result } from '../../kernel/index.ts'
import { parseJson } from '../payload/json.ts'
import { pageOfCsv } from './csv.ts'
import { shown, unreadable } from './faults.ts'

/**
 * The pages in a file: JSON documents one after the other (pages as they were fetched, or a list of them), JSON lines, or the CSV that a
 * provider's console exports. A document that is cut off refuses the file: what is missing of it nobody knows.
 */
export function readReportText(text: string): Result<unknown[]> {
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  if (trimmed === '') return unreadable('', 'the file is empty')
  if (trimmed.startsWith('<')) return unreadable('', `this is a page of the web and not a report: ${shown(trimmed.slice(0, 60))}`)
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) {
    if (!/^[^\n]*,/.test(trimmed)) return unreadable('', `this is neither JSON nor CSV: it begins with ${shown(trimmed.slice(0, 40))}`)
    const page = pageOfCsv(trimmed)
    return page.ok ? ok([page.value]) : page
  }
  const documents = documentsIn(trimmed)
  if (!documents.ok) return documents
  return ok(documents.value.flatMap((document) => (Array.isArray(document) ? document : [document])))
}

/** JSON documents that follow each other, with or without white space between them. */
function documentsIn(text: string): Result<unknown[]> {
  const whole = parseJson(text)
  if (whole !== undefined) return ok([whole])
  const documents: unknown[] = []
  let at = 0
  while (at < text.length) {
    const end = endOfDocument(text, at)
    const document = end === null ? undefined : parseJson(text.slice(at, end))
    if (end === null) return unreadable('', `the file ends within document ${documents.length + 1}: it was cut off`)
    if (document === undefined) return unreadable('', `document ${documents.length + 1} is not JSON: ${shown(text.slice(at, at + 40))}`)
    documents.push(document)
    at = end
    while (at < text.length && /[\s,]/.test(text[at] ?? '')) at += 1
  }
  return ok(documents)
}

/** Where the object or list that begins here ends; null where it does not. */
function endOfDocument(text: string, start: number): number | null {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth <= 0) return at + 1
    } else if (depth === 0) return at + 1
  }
  return null
}
