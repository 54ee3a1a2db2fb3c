import type { UsageNote } from '../usage.ts'

const NOTES_MAX = 64
const DETAIL_CHARS_MAX = 300

/** Adds a note once; what a provider sends can neither flood the list nor make a note endless. */
export function addNote(notes: UsageNote[], code: UsageNote['code'], detail: string): void {
  const short = detail.slice(0, DETAIL_CHARS_MAX)
  if (notes.length >= NOTES_MAX || notes.some((note) => note.code === code && note.detail === short)) return
  notes.push({ code, detail: short })
}
