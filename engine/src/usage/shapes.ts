import { messagesShape } from './anthropic/messages.ts'
import { converseShape } from './bedrock/converse.ts'
import { invokeShape } from './bedrock/invoke.ts'
import { billedUnitsShape } from './cohere/billed-units.ts'
import { generateShape } from './gemini/generate.ts'
import { interactionsShape } from './gemini/interactions.ts'
import { evalCountsShape } from './ollama/eval-counts.ts'
import { chatShape } from './openai/chat.ts'
import { embeddingsShape } from './openai/embeddings.ts'
import { imageShape, transcriptionShape } from './openai/media.ts'
import { responsesShape } from './openai/responses.ts'
import { countTokensShape } from './payload/count-tokens.ts'
import type { JsonObject } from './payload/json.ts'
import type { CallFacts, Shape } from './payload/shape.ts'

/**
 * Every API shape we read, the most telling first. A shape is recognised by its payloads and not by its seller: one seller speaks many
 * (Bedrock: six) and one shape is spoken by many.
 */
const SHAPES: readonly Shape[] = [
  countTokensShape,
  interactionsShape,
  generateShape,
  converseShape,
  billedUnitsShape,
  messagesShape,
  transcriptionShape,
  imageShape,
  embeddingsShape,
  responsesShape,
  chatShape,
  evalCountsShape,
  invokeShape,
]

export function shapeOf(payload: JsonObject, call: CallFacts): Shape | undefined {
  return SHAPES.find((shape) => shape.recognises(payload, call))
}
