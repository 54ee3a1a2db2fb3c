import type { LedgerStore, RunState } from '../../ledger/index.ts'

export type RunsAbove = (id: string | null, before: number) => Promise<readonly string[]>

/** A run and the runs above it, as far as their starts had come before an entry. Each is looked up once. */
export function runChains(ledger: LedgerStore, organization: string): RunsAbove {
  const known = new Map<string, RunState | null>()
  const runOf = async (id: string): Promise<RunState | null> => {
    const found = known.get(id)
    if (found !== undefined) return found
    const [run = null] = await ledger.findRuns(organization, id)
    known.set(id, run)
    return run
  }
  return async (id, before) => {
    const chain: string[] = []
    for (let next = id; next !== null; ) {
      chain.push(next)
      const run: RunState | null = await runOf(next)
      next = run === null || run.startedSeq === null || run.startedSeq >= before ? null : run.parentRun
    }
    return chain
  }
}
