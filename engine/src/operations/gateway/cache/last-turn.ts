/** The text of the last turn, and the request without it. */
export interface LastTurn {
  readonly text: string
  readonly rest: Readonly<Record<string, unknown>>
}

type Members = Readonly<Record<string, unknown>>

/** Longer turns are not compared by meaning: a vector of so much text says little of it, and models refuse it. */
const TEXT_CHARS_MAX = 24_000

/**
 * The last turn of the user where it is plain text, and everything else that an answer depends on: system, tools, model, sampling, and the turns before. Null
 * where the request ends otherwise, e.g. with a picture or the result of a tool.
 */
export function lastTurn(endpoint: string, body: Members): LastTurn | null {
  const found = turnOf(endpoint, body)
  if (found === null) return null
  return found.text.trim() === '' || found.text.length > TEXT_CHARS_MAX ? null : found
}

function turnOf(endpoint: string, body: Members): LastTurn | null {
  if (endpoint === 'chat' || endpoint === 'messages') return ofTurns(body, 'messages', 'content', ['text'])
  if (endpoint === 'generate') return ofTurns(body, 'contents', 'parts', [])
  if (endpoint === 'responses')
    return typeof body.input === 'string' ? ofText(body, 'input', body.input) : ofTurns(body, 'input', 'content', ['input_text', 'text'])
  return endpoint === 'completions' && typeof body.prompt === 'string' ? ofText(body, 'prompt', body.prompt) : null
}

function ofText(body: Members, member: string, text: string): LastTurn {
  return { text, rest: { ...body, [member]: '' } }
}

function ofTurns(body: Members, list: string, member: string, types: readonly string[]): LastTurn | null {
  const turns = body[list]
  const last = Array.isArray(turns) ? (turns.at(-1) as unknown) : null
  // Gemini's turns may leave out whose they are.
  if (!isMembers(last) || (last.role !== 'user' && !(types.length === 0 && last.role === undefined))) return null
  const content = last[member]
  const parts = typeof content === 'string' ? content : withoutTexts(content, types)
  if (parts === null) return null
  const [text, emptied] = typeof parts === 'string' ? [parts, ''] : [parts.text, parts.rest]
  return { text, rest: { ...body, [list]: [...(turns as unknown[]).slice(0, -1), { ...last, [member]: emptied }] } }
}

/** The texts of parts that are nothing but text, and the parts without them; null where one of them is something else. */
function withoutTexts(content: unknown, types: readonly string[]): { readonly text: string; readonly rest: unknown[] } | null {
  if (!Array.isArray(content)) return null
  const texts: string[] = []
  const rest: unknown[] = []
  for (const part of content as unknown[]) {
    if (!isMembers(part) || typeof part.text !== 'string') return null
    const isText = types.length === 0 ? Object.keys(part).length === 1 : types.includes(String(part.type))
    if (!isText) return null
    texts.push(part.text)
    rest.push({ ...part, text: '' })
  }
  return { text: texts.join('\n'), rest }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
