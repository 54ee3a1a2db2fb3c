import { fetchPage } from './adapters/outgoing/index.ts'
import { fail, LIMITS, type Result, refusal } from './kernel/index.ts'
import type { ReportSeller } from './usage/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface ReportApi {
  readonly base: string
  /** Where an operator names another address, for a proxy of their own. */
  readonly baseVariable: string
  readonly keyVariable: string
  readonly headers: (key: string) => Readonly<Record<string, string>>
}

const APIS: Readonly<Record<ReportSeller, ReportApi>> = {
  openai: {
    base: 'https://api.openai.com',
    baseVariable: 'PURSER_OPENAI_ADMIN_URL',
    keyVariable: 'OPENAI_ADMIN_KEY',
    headers: (key) => ({ authorization: `Bearer ${key}` }),
  },
  anthropic: {
    base: 'https://api.anthropic.com',
    baseVariable: 'PURSER_ANTHROPIC_ADMIN_URL',
    keyVariable: 'ANTHROPIC_ADMIN_KEY',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  },
}

/** Where a provider's cost API answers, and how a page of it is fetched. */
export interface ReportFetch {
  base(seller: ReportSeller): string
  page(url: string): Promise<Result<string>>
}

/**
 * Fetches pages of cost APIs with the admin keys of the environment. A key goes to its provider's own address, or to the one that the operator has named in
 * its place, and to no other; any other address is asked without a key.
 */
export function reportFetch(env: Environment): ReportFetch {
  const named = (api: ReportApi): string | null => {
    const text = env[api.baseVariable]?.trim() ?? ''
    return text === '' ? null : text.replace(/\/+$/, '')
  }
  return {
    base: (seller) => named(APIS[seller]) ?? APIS[seller].base,
    async page(url) {
      const limits = { bytesMax: LIMITS.reportPageBytesMax, withinMs: LIMITS.reportFetchMs }
      const origin = URL.canParse(url) ? new URL(url).origin : ''
      for (const api of Object.values(APIS)) {
        const own = named(api)
        if (!URL.canParse(own ?? api.base) || new URL(own ?? api.base).origin !== origin) continue
        const key = env[api.keyVariable]?.trim() ?? ''
        if (key === '') return fail(refusal('unauthenticated', `${api.keyVariable} is not set: its costs are read with an admin key`))
        return fetchPage({ url, headers: api.headers(key), named: own !== null, ...limits })
      }
      return fetchPage({ url, headers: {}, named: false, ...limits })
    },
  }
}
