import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseInstant } from '../../../../kernel/index.ts'
import { readReportText } from '../../../../usage/index.ts'
import { type CliWorld, CommandFailed } from '../../world.ts'

export interface SourceOptions {
  readonly file?: readonly string[]
  readonly url?: readonly string[]
  readonly provider?: string
  readonly from?: string
  readonly to?: string
  readonly project?: readonly string[]
  readonly workspace?: readonly string[]
  readonly apiKey?: readonly string[]
}

const PAGES_MAX = 1_000

/** The pages of a provider's report: from files, from addresses with every page that follows, or from the provider's own API. */
export async function pagesFrom(world: CliWorld, options: SourceOptions): Promise<unknown[]> {
  const { file = [], url = [] } = options
  if (file.length === 0 && url.length === 0 && options.provider === undefined) {
    throw new CommandFailed(
      'nothing to compare with',
      'Name a report: --file costs.json, --url https://…, or --provider openai --from 2026-11-01',
    )
  }
  const urls = file.length === 0 && url.length === 0 ? apiUrls(world, options) : url
  const pages: unknown[] = []
  for (const name of file) for (const page of await pagesOfFile(world, name)) pages.push(page)
  for (const address of urls) for (const page of await pagesAt(world, address)) pages.push(page)
  return pages
}

async function pagesOfFile(world: CliWorld, name: string): Promise<unknown[]> {
  const text = await readFile(resolve(world.cwd, name), 'utf8').catch((error: unknown) => {
    throw new CommandFailed(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  return pagesIn(text, name)
}

function pagesIn(text: string, where: string): unknown[] {
  const read = readReportText(text)
  if (!read.ok) throw new CommandFailed(`${where}: ${read.error.detail}`)
  return read.value
}

/** A page says whether more follow and by which token the next one is asked for; both providers take it as `page`. */
async function pagesAt(world: CliWorld, address: string): Promise<unknown[]> {
  const pages: unknown[] = []
  const tokens = new Set<string>()
  let next: string | null = address
  while (next !== null) {
    const answer = await world.reports.page(next)
    if (!answer.ok) throw new CommandFailed(answer.error.detail)
    const read = pagesIn(answer.value, address)
    for (const page of read) pages.push(page)
    const token = nextToken(read.at(-1))
    if (token === null) return pages
    if (tokens.has(token) || tokens.size >= PAGES_MAX)
      throw new CommandFailed(
        `${new URL(address).origin} does not end: it names the page "${token.slice(0, 60)}" again, or has more than ${PAGES_MAX}`,
      )
    tokens.add(token)
    const url: URL = new URL(address)
    url.searchParams.set('page', token)
    next = url.href
  }
  return pages
}

function nextToken(page: unknown): string | null {
  const { has_more: more, next_page: token } = (typeof page === 'object' && page !== null ? page : {}) as Record<string, unknown>
  return more === true && typeof token === 'string' && token !== '' ? token : null
}

/** The requests that bring costs by line, and counters beside them. */
function apiUrls(world: CliWorld, { provider, from, to, project = [], workspace = [], apiKey = [] }: SourceOptions): string[] {
  if (provider !== 'openai' && provider !== 'anthropic') throw new CommandFailed(`"${provider}" is not openai or anthropic`)
  if (from === undefined)
    throw new CommandFailed('a report is fetched for days: say from which', 'For example --from 2026-11-01 --to 2026-11-08')
  const [start, end] = [dayAt(from), to === undefined ? world.now() : dayAt(to)]
  const base = world.reports.base(provider)
  if (provider === 'openai') {
    const groups = [...(project.length > 0 ? ['project_id'] : []), ...(apiKey.length > 0 ? ['api_key_id'] : [])]
    const url = (path: string, limit: number, by: readonly string[]): string => {
      const asked = new URL(`${base}/v1/organization/${path}`)
      asked.searchParams.set('start_time', String(Math.floor(start / 1_000)))
      asked.searchParams.set('end_time', String(Math.floor(end / 1_000)))
      asked.searchParams.set('bucket_width', '1d')
      asked.searchParams.set('limit', String(limit))
      for (const group of [...by, ...groups]) asked.searchParams.append('group_by', group)
      return asked.href
    }
    return [
      url('costs', 180, ['line_item']),
      url('usage/completions', 31, ['model', 'batch', 'service_tier']),
      url('usage/embeddings', 31, ['model']),
    ]
  }
  const url = (path: string, by: readonly string[]): string => {
    const asked = new URL(`${base}/v1/organizations/${path}`)
    asked.searchParams.set('starting_at', new Date(start).toISOString())
    asked.searchParams.set('ending_at', new Date(end).toISOString())
    asked.searchParams.set('bucket_width', '1d')
    asked.searchParams.set('limit', '31')
    for (const group of [...by, ...(workspace.length > 0 ? ['workspace_id'] : [])]) asked.searchParams.append('group_by[]', group)
    return asked.href
  }
  return [url('cost_report', ['description']), url('usage_report/messages', ['model', 'service_tier'])]
}

function dayAt(text: string): number {
  const at = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (at === null) throw new CommandFailed(`"${text}" is not a date; one is for example 2026-11-01`)
  return at
}
