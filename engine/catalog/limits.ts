import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'

interface Entry {
  readonly mode?: string
  readonly max_input_tokens?: unknown
  readonly max_output_tokens?: unknown
  readonly litellm_provider?: string
}

/** Those who make models say what their models take; who resells them may take less, and some tables then say nonsense. */
const MAKERS = ['openai', 'anthropic', 'gemini', 'mistral', 'deepseek', 'xai', 'groq', 'cohere', 'cohere_chat', 'moonshot', 'dashscope', 'perplexity']
const MODES = ['chat', 'completion', 'responses', 'embedding']

/**
 * How much each model reads and writes at most, from litellm's public table (MIT): `node limits.ts <model_prices_and_context_window.json>` writes
 * `model-limits.json`. A name has the numbers of its maker where there are such, else the largest that anybody states.
 */
function limitsOf(table: Readonly<Record<string, Entry>>): Record<string, [input: number, output: number]> {
  const limits = new Map<string, { ofMaker: boolean; input: number; output: number }>()
  for (const [key, entry] of Object.entries(table)) {
    if (entry.mode === undefined || !MODES.includes(entry.mode)) continue
    const name = key.split('/').at(-1) ?? key
    const ofMaker = !key.includes('/') || MAKERS.includes(key.split('/')[0] ?? '')
    const input = countOf(entry.max_input_tokens)
    const output = entry.mode === 'embedding' ? 0 : countOf(entry.max_output_tokens)
    const before = limits.get(name)
    if (before === undefined || (ofMaker && !before.ofMaker)) limits.set(name, { ofMaker, input, output })
    else if (ofMaker === before.ofMaker) {
      limits.set(name, { ofMaker, input: Math.max(input, before.input), output: Math.max(output, before.output) })
    }
  }
  const known = [...limits].filter(([name, { input, output }]) => name !== '' && input + output > 0).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(known.map(([name, { input, output }]) => [name, [input, output]]))
}

function countOf(value: unknown): number {
  const count = Number(value)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

const [, , from] = argv
if (from !== undefined) {
  const lines = Object.entries(limitsOf(JSON.parse(readFileSync(from, 'utf8')))).map(([name, pair]) => `${JSON.stringify(name)}:${JSON.stringify(pair)}`)
  const notice = 'Limits of models, in tokens: [input, output], 0 where none is known. From litellm model_prices_and_context_window.json, (c) Berri AI, MIT licence.'
  writeFileSync(new URL('model-limits.json', import.meta.url), `{"notice":${JSON.stringify(notice)},\n"models":{\n${lines.join(',\n')}\n}}\n`)
}
