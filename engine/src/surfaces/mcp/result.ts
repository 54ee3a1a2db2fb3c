import { ERRORS, type Refusal, type Result } from '../../kernel/index.ts'

export interface ToolResult {
  readonly [member: string]: unknown
  readonly content: { type: 'text'; text: string }[]
  readonly structuredContent: Record<string, unknown>
  readonly isError?: true
}

/**
 * What a tool answers, as structure and as the same in text. A refusal is a result with `isError`, so that the agent reads why: the code, which
 * budgets refuse and how they stand, and what to do, in words and in members.
 */
export function toolResult(result: Result<unknown>): ToolResult {
  if (result.ok) {
    const structuredContent = result.value as Record<string, unknown>
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
  }
  return { content: [{ type: 'text', text: wordsOf(result.error) }], structuredContent: structureOf(result.error), isError: true }
}

function structureOf({ code, detail, path, facts }: Refusal): Record<string, unknown> {
  const { status, title, remedy, retryable } = ERRORS[code]
  return { ...facts, code, title, detail, ...(path === undefined ? {} : { path }), status, remedy, retryable }
}

function wordsOf({ code, detail, path }: Refusal): string {
  const { title, remedy, retryable } = ERRORS[code]
  const again = retryable ? 'Trying again later may succeed.' : 'Repeating the same request will be refused again.'
  return `Refused (${code}): ${title}. ${detail}${path === undefined ? '' : ` (at ${path})`}. ${remedy} ${again}`
}
