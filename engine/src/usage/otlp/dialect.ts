import { type Facts, factOf } from './facts.ts'
import type { Emitter } from './wire/records.ts'

/** Whose way of speaking it is; part of the source of a call, as in `otlp:vercel-ai`. */
export function dialectOf(emitter: Emitter, facts: Facts, name: string): string {
  const known = dialectOfScope(emitter.scope)
  if (known !== null) return known
  if (name.startsWith('claude_code.')) return 'claude-code'
  if (name.startsWith('codex.')) return 'codex'
  if (name.startsWith('gemini_cli.')) return 'gemini-cli'
  if (factOf(facts, 'langfuseType') !== undefined) return 'langfuse'
  if (factOf(facts, 'inferenceKind') !== undefined) return 'openinference'
  if (factOf(facts, 'aiOperation') !== undefined) return 'vercel-ai'
  if (factOf(facts, 'langsmithKind') !== undefined) return 'langsmith'
  if (factOf(facts, 'requestType') !== undefined || factOf(facts, 'traceloopKind') !== undefined) return 'openllmetry'
  if (factOf(facts, 'livekitMetrics') !== undefined || factOf(facts, 'livekitRealtime') !== undefined) return 'livekit'
  return 'genai'
}

const scopes = new Map<string, string | null>()
const SCOPES_KEPT_MAX = 1_000

/** Scopes are few and their spans many. */
function dialectOfScope(scope: string): string | null {
  const known = scopes.get(scope)
  if (known !== undefined) return known
  const found = SCOPES.find(([part]) => (part.startsWith('~') ? scope.includes(part.slice(1)) : scope.startsWith(part)))
  const dialect = found === undefined ? null : found[1]
  if (scopes.size >= SCOPES_KEPT_MAX) scopes.clear()
  scopes.set(scope, dialect)
  return dialect
}

const SCOPES: readonly (readonly [string, string])[] = [
  ['com.anthropic.claude_code', 'claude-code'],
  ['com.anthropic.', 'anthropic'],
  ['com.openai.', 'openai'],
  ['@traceloop/', 'openllmetry'],
  ['opentelemetry.instrumentation.', 'openllmetry'],
  ['@arizeai/openinference', 'openinference'],
  ['openinference.', 'openinference'],
  ['langfuse', 'langfuse'],
  ['pydantic-ai', 'pydantic-ai'],
  ['logfire', 'pydantic-ai'],
  ['langsmith', 'langsmith'],
  ['codex', 'codex'],
  ['gemini-cli', 'gemini-cli'],
  ['gcp.vertex.agent', 'google-adk'],
  ['genkit', 'genkit'],
  ['livekit', 'livekit'],
  ['openlit', 'openlit'],
  ['litellm', 'litellm'],
  ['~copilot', 'copilot'],
  ['opencode', 'opencode'],
  ['@ai-sdk/', 'vercel-ai'],
]
