import { fail, type Refusal, refusal } from '../../kernel/index.ts'

/** Why a page cannot be read, and where. */
export function unreadable(path: string, words: string): { readonly ok: false; readonly error: Refusal } {
  return fail(refusal('invalid_field', words, { path }))
}

const SHOWN_CHARS = 80

/** What came in place of what was expected, short enough for a message. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value))
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`
}
