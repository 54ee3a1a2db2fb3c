/** Which addresses do not know the option that makes a stream end with its usage: old versions of an API, and some that copied it. */
export interface UsageOption {
  isTaken(url: string): boolean
  refused(url: string): void
}

const KEPT_MAX = 1_000

export function usageOption(): UsageOption {
  const without = new Set<string>()
  return {
    isTaken: (url) => !without.has(url),
    refused(url) {
      const [oldest] = without
      if (without.size >= KEPT_MAX && oldest !== undefined) without.delete(oldest)
      without.add(url)
    },
  }
}

/** Whether an answer says that the option is what is wrong with a request. */
export function refusesOption(status: number, body: Buffer): boolean {
  return (status === 400 || status === 422) && /stream_options|include_usage/.test(body.toString('utf8'))
}
