import { isObject, type JsonObject } from '../payload/json.ts'

/** The most input that a request can be billed for, as far as its bytes tell. */
export interface InputBound {
  /** Tokens. */
  readonly most: number
  /** The request points at input that is not in it (a stored conversation, a file, a cached context, a search), which `most` leaves out. */
  readonly unseen: boolean
}

type MediaKind = 'image' | 'audio' | 'video' | 'document'

/**
 * A token is at least one byte of text, and the JSON around the text is more than what providers put around it. So the length of the body is a bound
 * for its text; what is not text is counted by its kind.
 */
export function inputBound(request: JsonObject, bodyBytes: number): InputBound {
  const sum: Sum = { textBytes: bodyBytes, mediaTokens: 0, unseen: POINTERS.some((key) => pointsElsewhere(request[key])) }
  for (const key of Object.keys(request)) walk(request[key], sum, 0)
  const tools = Array.isArray(request.tools) || request.toolConfig !== undefined
  return { most: Math.max(0, sum.textBytes) + sum.mediaTokens + FRAME_TOKENS + (tools ? TOOL_FRAME_TOKENS : 0), unseen: sum.unseen }
}

interface Sum {
  textBytes: number
  mediaTokens: number
  unseen: boolean
}

/** What a provider puts around the smallest prompt. */
const FRAME_TOKENS = 64
/** Anthropic's prompt for the use of tools is the longest that is documented: some 350 to 800 tokens. */
const TOOL_FRAME_TOKENS = 1_024
/** The dearest image that is documented: a small OpenAI model at high detail charges 48 tiles of an image of the largest size near fifty thousand tokens. */
const IMAGE_TOKENS_MAX = 48_200
/** Speech is ten to thirty-two tokens a second; a second has at least 1,000 bytes in the formats that are taken. */
const AUDIO_BYTES_PER_TOKEN = 32
const VIDEO_BYTES_PER_TOKEN = 32
const DEPTH_MAX = 32
/** Shorter strings are names and links. */
const DATA_CHARS_MIN = 256

const POINTERS = [
  'previous_response_id',
  'conversation',
  'prompt',
  'cachedContent',
  'cached_content',
  'container',
  'previous_interaction_id',
]
const SEARCHING =
  /^(?:web_search|file_search|google_search|googleSearch|url_context|code_interpreter|code_execution|web_fetch|computer|mcp)/

function pointsElsewhere(value: unknown): boolean {
  // `prompt` is plain text in one API and the name of a stored prompt in another.
  return isObject(value) ? Object.keys(value).length > 0 : typeof value === 'string' && /^(?:resp|conv|cachedContents|int)[_/-]/.test(value)
}

function walk(value: unknown, sum: Sum, depth: number): void {
  if (depth > DEPTH_MAX) return
  if (Array.isArray(value)) {
    for (const item of value) walk(item, sum, depth + 1)
  } else if (isObject(value)) {
    const kind = mediaKind(value)
    if (kind !== null) countMedia(value, kind, sum)
    else {
      if (typeof value.type === 'string' && SEARCHING.test(value.type)) sum.unseen = true
      for (const key of Object.keys(value)) {
        if (SEARCHING.test(key)) sum.unseen = true
        walk(value[key], sum, depth + 1)
      }
    }
  }
}

const KIND_OF_TYPE: Readonly<Record<string, MediaKind>> = {
  image: 'image',
  image_url: 'image',
  input_image: 'image',
  input_audio: 'audio',
  audio: 'audio',
  video: 'video',
  video_url: 'video',
  input_video: 'video',
  file: 'document',
  input_file: 'document',
  document: 'document',
  container_upload: 'document',
}

/** What a part of a message holds beside text; null for a part that is none of these. */
function mediaKind(part: JsonObject): MediaKind | null {
  const { type } = part
  if (typeof type === 'string') return Object.hasOwn(KIND_OF_TYPE, type) ? (KIND_OF_TYPE[type] ?? null) : null
  for (const key of ['inlineData', 'inline_data', 'fileData', 'file_data']) {
    const data = part[key]
    if (isObject(data)) return kindOfMime(data.mimeType ?? data.mime_type)
  }
  for (const key of ['image', 'video', 'document'] as const) if (isObject(part[key]) && isObject(part[key].source)) return key
  return null
}

function kindOfMime(mime: unknown): MediaKind {
  const [head] = typeof mime === 'string' ? mime.split('/') : []
  return head === 'image' || head === 'audio' || head === 'video' ? head : 'document'
}

function countMedia(part: JsonObject, kind: MediaKind, sum: Sum): void {
  const data = longestText(part, 0)
  const inline = data.length >= DATA_CHARS_MIN && !/^https?:/.test(data)
  if (kind === 'image') {
    sum.mediaTokens += IMAGE_TOKENS_MAX
    if (inline) sum.textBytes -= data.length
    return
  }
  // The size of what is behind a link or an id is not known here. A document that is sent along has at most a token a byte.
  if (!inline) sum.unseen = true
  else if (kind !== 'document') {
    sum.textBytes -= data.length
    sum.mediaTokens += Math.ceil(data.length / (kind === 'audio' ? AUDIO_BYTES_PER_TOKEN : VIDEO_BYTES_PER_TOKEN))
  }
}

function longestText(value: unknown, depth: number): string {
  if (typeof value === 'string') return value
  if (depth > 4 || typeof value !== 'object' || value === null) return ''
  let longest = ''
  for (const item of Object.values(value)) {
    const text = longestText(item, depth + 1)
    if (text.length > longest.length) longest = text
  }
  return longest
}
