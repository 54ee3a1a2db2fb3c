import { isObject, type JsonObject } from './json.ts'

const BODIES = [
  'messages',
  'system',
  'prompt',
  'input',
  'instructions',
  'contents',
  'systemInstruction',
  'system_instruction',
  'tools',
  'functions',
  'documents',
  'query',
  'texts',
  'inputText',
  'message',
  'preamble',
  'toolConfig',
]
const NOT_TEXT = new Set([
  'type',
  'role',
  'id',
  'data',
  'image_url',
  'url',
  'bytes',
  'b64_json',
  'file_data',
  'encrypted_content',
  'signature',
])
const CHARS_MAX = 8_000_000
const DEPTH_MAX = 24

/** The text that a request sends to the model, for an estimate of input tokens. Images, audio and files are left out. */
export function requestText(request: JsonObject | undefined): string {
  if (request === undefined) return ''
  const parts: string[] = []
  let chars = 0
  const walk = (value: unknown, depth: number): void => {
    if (chars > CHARS_MAX || depth > DEPTH_MAX) return
    if (typeof value === 'string') {
      parts.push(value)
      chars += value.length
    } else if (Array.isArray(value)) {
      for (const item of value) walk(item, depth + 1)
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) if (!NOT_TEXT.has(key)) walk(value[key], depth + 1)
    }
  }
  for (const key of BODIES) walk(request[key], 0)
  return parts.join('\n')
}
