import { readFileSync } from 'node:fs'

/** How much a model reads and writes at most, in tokens. Null: not known. */
export interface ModelLimits {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

const UNKNOWN: ModelLimits = { inputTokens: null, outputTokens: null }

/**
 * Finds the limits of a model by its name, without the maker before it and the date, profile or version behind it. They bound what a call can cost and price
 * nothing: a limit that is too high holds more than is needed, an unknown one is said to be unknown.
 */
export function modelLimits(): (model: string) => ModelLimits {
  const { models }: { models: Readonly<Record<string, readonly [number, number]>> } = JSON.parse(
    readFileSync(new URL('../../../catalog/model-limits.json', import.meta.url), 'utf8'),
  )
  return (model) => {
    for (const name of namesOf(model)) {
      const found = Object.hasOwn(models, name) ? models[name] : undefined
      if (found !== undefined) return { inputTokens: found[0] || null, outputTokens: found[1] || null }
    }
    return UNKNOWN
  }
}

const DATED = /(?:[-@]\d{4}-?\d{2}-?\d{2}|-latest|-preview)?(?:-v\d+(?::\d+)?)?$/
/** Bedrock: a geography, then the maker. */
const PREFIX = /^(?:(?:us-gov|us|eu|apac|jp|au|ca|sa|me|global)\.)?[a-z0-9-]+\.(?=[a-z])/

function* namesOf(model: string): Generator<string> {
  const whole = model.toLowerCase()
  yield whole
  const name = whole.split('/').at(-1) ?? whole
  yield name
  yield name.replace(DATED, '')
  const own = name.replace(PREFIX, '')
  yield own
  yield own.replace(DATED, '')
}
