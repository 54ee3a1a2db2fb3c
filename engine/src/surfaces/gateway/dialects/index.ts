import type { Upstream } from '../upstreams.ts'
import { anthropicDialect } from './anthropic.ts'
import { bedrockDialect } from './bedrock.ts'
import type { ErrorDialect } from './dialect.ts'
import { geminiDialect } from './gemini.ts'
import { openaiDialect, openaiResponsesDialect } from './openai.ts'

export { exceptionHeader } from './bedrock.ts'
export type { ErrorDialect } from './dialect.ts'
export { decisiveBudget, type Failure, failureOf, upstreamFailure } from './failure.ts'

/** The dialect of an upstream at a path: some speak OpenAI's API beside their own. */
export function errorDialect({ dialect }: Pick<Upstream, 'dialect'>, path: string): ErrorDialect {
  if (dialect === 'bedrock') return bedrockDialect
  if (dialect === 'gemini' && !path.includes('/openai/')) return geminiDialect
  if (dialect === 'anthropic' && !path.endsWith('/chat/completions')) return anthropicDialect
  return path.endsWith('/responses') ? openaiResponsesDialect : openaiDialect
}
