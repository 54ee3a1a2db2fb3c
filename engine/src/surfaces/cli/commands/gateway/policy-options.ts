import { CommandFailed } from '../../world.ts'

/** A policy as it is stated on the command line. */
export interface PolicyOptions {
  readonly id?: string
  readonly name?: string
  readonly priority?: string
  readonly off?: boolean
  readonly key?: string[]
  readonly upstream?: string[]
  readonly endpoint?: string[]
  readonly model?: string[]
  readonly agent?: string[]
  readonly team?: string[]
  readonly cache?: string
  readonly ttl?: string
  readonly scope?: string
  readonly threshold?: string
  readonly embeddings?: string
  readonly maxBytes?: string
  readonly toolCalls?: boolean
  readonly fallback?: string[]
  readonly on?: string[]
  readonly wait?: string
  readonly cheapest?: string[]
  readonly floor?: string
  readonly budgetStatus?: string
  readonly org?: string
}

/** The input of the operation; what is wrong with its words and numbers, the operation says. Throws `CommandFailed` for what is not a number at all. */
export function policyOf(options: PolicyOptions): Record<string, unknown> {
  const { id, name, priority, off, key, upstream, endpoint, model, agent, team, org } = options
  const match = said({ keys: key, upstreams: upstream, endpoints: endpoint, models: model, agents: agent, teams: team })
  const routing = said({ on_error: onError(options), cheapest: cheapest(options) })
  return said({
    policy_id: id,
    name,
    priority: numberOf(priority, '--priority'),
    enabled: off === true ? false : undefined,
    match: Object.keys(match).length === 0 ? undefined : match,
    cache: cache(options),
    routing: Object.keys(routing).length === 0 ? undefined : routing,
    budget_status: numberOf(options.budgetStatus, '--budget-status'),
    organization_id: org,
  })
}

function cache({ cache: mode, ttl, scope, threshold, embeddings, maxBytes, toolCalls }: PolicyOptions): object | undefined {
  const rest = said({
    ttl_seconds: numberOf(ttl, '--ttl'),
    scope,
    threshold: numberOf(threshold, '--threshold'),
    embeddings: embeddings === undefined ? undefined : targetOf(embeddings),
    max_answer_bytes: numberOf(maxBytes, '--max-bytes'),
    tool_calls: toolCalls,
  })
  if (mode !== undefined) return { mode, ...rest }
  if (Object.keys(rest).length > 0) throw new CommandFailed('say how it is cached: --cache exact, or --cache semantic')
  return undefined
}

function onError({ fallback, on, wait }: PolicyOptions): object | undefined {
  if (fallback === undefined && (on !== undefined || wait !== undefined))
    throw new CommandFailed('--on and --wait need --fallback: which models are tried then')
  return fallback === undefined
    ? undefined
    : said({ routes: fallback.map(targetOf), errors: on, timeout_seconds: numberOf(wait, '--wait') })
}

function cheapest({ cheapest: stated, floor }: PolicyOptions): object | undefined {
  if (stated === undefined && floor === undefined) return undefined
  if (stated === undefined || floor === undefined) throw new CommandFailed('--cheapest and --floor go together')
  const candidates = stated.map((text) => {
    const [, target = text, score] = /^(.*)=([^=]*)$/.exec(text) ?? []
    return { ...targetOf(target), score: numberOf(score, `the score of ${target}`) }
  })
  const scored = candidates.flatMap(({ model, score }): [string, number][] => (score === undefined ? [] : [[model, score]]))
  return {
    candidates: candidates.map(({ score: _, ...target }) => target),
    quality: Object.fromEntries(scored),
    quality_floor: numberOf(floor, '--floor'),
  }
}

/** `model@upstream`, or a model alone. Names of models hold slashes, colons and dates behind an @, which no name of an upstream begins with. */
function targetOf(text: string): { readonly model: string; readonly upstream?: string } {
  const [, model, upstream] = /^(.+)@([a-z][a-z0-9-]*)$/.exec(text) ?? []
  return model === undefined || upstream === undefined ? { model: text } : { model, upstream }
}

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text)) throw new CommandFailed(`${option} takes a number, not "${text}"`)
  return Number(text)
}

function said(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
