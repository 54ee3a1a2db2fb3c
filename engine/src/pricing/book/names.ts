import { sellerId } from './sellers.ts'

/** One reading of a model's name, and the rule that gives it. */
export interface NameReading {
  readonly name: string
  readonly rule:
    | 'as_given'
    | 'route_stripped'
    | 'path_stripped'
    | 'snapshot'
    | 'cloud_version'
    | 'region_scope'
    | 'region_single'
    | 'lower_case'
  /** Set where the name leaves the region scope open: this reading is assumed, one of these names may hold. */
  readonly instead?: readonly string[]
}

const GEOGRAPHY = /^(us|eu|apac|jp|au|ca|in|sa|uk|us-gov|global)\.(.+)$/
const CLOUD_VERSION = /-v\d+(?::\d+)?$|:\d+$/

/**
 * Endings that a vendor appends to name a snapshot of a model: a date, or a date with a revision. Anything else that follows a name
 * (`-mini`, `-5`, `-latest`, `-preview`) makes another model and is never cut off.
 */
const SNAPSHOTS: readonly RegExp[] = [
  /-20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  /[-@]20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/,
  /:20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:-v\d+)?$/,
  /@(?:default|latest)$/,
]

/**
 * All readings of a model's name at a seller, the most literal first. The caller takes the first that a table knows. Rules are written out here;
 * nothing is matched by substring, and no expression from a feed is run. Fine-tuned names (`ft:…`) have one reading only: they are never
 * priced as their base.
 */
export function readingsOf(seller: string, model: string): readonly NameReading[] {
  const readings: NameReading[] = [{ name: model, rule: 'as_given', ...(seller === 'aws' ? globalInstead(model) : {}) }]
  if (model.startsWith('ft:') || model.startsWith('tunedModels/')) return readings
  const stripped = withoutRoute(seller, withoutPath(model))
  if (stripped !== model) readings.push({ name: stripped, rule: stripped.length < model.length ? 'route_stripped' : 'path_stripped' })
  if (seller === 'aws') readings.push(...bedrockReadings(stripped))
  for (const reading of [...readings]) {
    const snapshot = withoutSnapshot(reading.name)
    if (snapshot !== null) readings.push({ ...reading, name: snapshot, rule: 'snapshot' })
  }
  const lower = stripped.toLowerCase()
  if (lower !== stripped) readings.push({ name: lower, rule: 'lower_case' })
  return readings
}

/** The name without the snapshot it names, or null when it names none. */
export function withoutSnapshot(name: string): string | null {
  for (const ending of SNAPSHOTS) if (ending.test(name)) return name.replace(ending, '')
  return null
}

/** The name without a cloud's own version ending: `…-v1:0`, `…:0`. */
export function withoutCloudVersion(name: string): string {
  return name.replace(CLOUD_VERSION, '')
}

/** The global names that a Bedrock id without a geographic prefix may stand for. */
function globalInstead(name: string): { instead?: readonly string[] } {
  if (GEOGRAPHY.test(name)) return {}
  const forms = [name, withoutCloudVersion(name), withoutSnapshot(withoutCloudVersion(name))]
  return { instead: forms.flatMap((form) => (form === null ? [] : [`global.${form}`])) }
}

/** Resource paths: `models/x`, `publishers/p/models/x`, `projects/…/models/x`, and Bedrock ARNs of models and inference profiles. */
function withoutPath(model: string): string {
  if (model.startsWith('arn:')) {
    const resource = model.split(':').slice(5).join(':')
    const kind = resource.slice(0, resource.indexOf('/'))
    return kind === 'foundation-model' || kind === 'inference-profile' ? resource.slice(kind.length + 1) : model
  }
  const path = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\/([^/]+)$/.exec(model)
  return path?.[1] ?? model
}

/** `openai/gpt-4o` sold by openai, `vertex_ai/gemini-…`, `bedrock/us.…`: the head repeats the seller. */
function withoutRoute(seller: string, model: string): string {
  const slash = model.indexOf('/')
  if (slash <= 0) return model
  const rest = model.slice(slash + 1)
  if (sellerId(model.slice(0, slash)) !== seller) return model
  const next = rest.indexOf('/')
  // LiteLLM's `bedrock/converse/…` and `bedrock/us-east-1/…` name a route or region between seller and model.
  if (seller === 'aws' && next > 0) return rest.slice(next + 1)
  return rest
}

/**
 * Bedrock sells one model at a global and at a regional price. `global.` and geographic prefixes say which; a bare id does not, and is read as
 * regional with the global price beside it.
 */
function bedrockReadings(name: string): NameReading[] {
  const match = GEOGRAPHY.exec(name)
  const prefix = match?.[1] ?? null
  const bare = match?.[2] ?? name
  const forms = [...new Set([bare, withoutCloudVersion(bare)])]
  const prefixed = prefix === null ? [] : forms.map((form): NameReading => ({ name: `${prefix}.${form}`, rule: 'cloud_version' }))
  if (prefix === 'global') return prefixed
  const open = prefix === null ? globalInstead(bare) : {}
  const regional = forms.map((form): NameReading => ({ name: `regional.${form}`, rule: 'region_scope', ...open }))
  return [...prefixed, ...regional, ...forms.map((form): NameReading => ({ name: form, rule: 'region_single' }))]
}
