import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { postgresSkipReason, testServerUrl } from '../../conformance/postgres/test-database.ts'
import { CANARIES } from './canaries.ts'
import { type Simulated, type SimulationOptions, simulate } from './simulate.ts'

const skipReason = await postgresSkipReason()
const SEEDS = 20
/** Some of what must happen is rare: which seeds have it changes with every kind of command that is added. */
const SEEDS_MAX = 60
const STEPS = 120
/** A fault may need something rare to show, and each seed has other rare things. */
const CANARY_SEEDS = 5

const KINDS = [
  ...['call', 'run_start', 'run_end', 'session_start', 'session_end', 'adjustment'],
  ...['breaker_set', 'breaker_remove', 'breaker_sweep', 'agent_state'],
  'call_alias',
  ...['hold', 'hold_extend', 'hold_void', 'hold_expire', 'budget_set', 'budget_remove'],
  ...['wallet_open', 'wallet_transfer', 'escrow_open', 'escrow_end'],
]

/** What must have happened somewhere in the seeds, or they prove less than they say. */
const SEEN = [
  ...KINDS.flatMap((kind) => [`posted ${kind}`, `replayed ${kind}`]),
  ...[
    'id_reused',
    'already_ended',
    'not_found',
    'invalid_field',
    'cycle',
    'too_deep',
    'budget_exceeded',
    'price_unknown',
    'invalid_time',
    'throttled',
    'breaker_open',
    'agent_paused',
    'agent_stopped',
    'insufficient_funds',
  ].map((code) => `refused ${code}`),
  ...['refused unavailable', 'refused overloaded', 'unanswered, committed', 'unanswered, rolled_back', 'unanswered, not_taken'],
]

async function passed(options: SimulationOptions): Promise<Simulated> {
  const result = await simulate(options)
  if (!result.ok) throw new Error(`seed ${options.seed}, step ${result.failure.step}: ${JSON.stringify(result.failure, null, 2)}`)
  return result.value
}

describe('the simulator', () => {
  it(`finds the ledger and the auditor of one mind over ${SEEDS} seeds and more, until everything has happened`, {
    timeout: 300_000,
  }, async () => {
    const seen = new Set<string>()
    const unseen = (): string[] => SEEN.filter((outcome) => !seen.has(outcome))
    let crashes = 0
    for (let seed = 1; seed <= SEEDS || (unseen().length > 0 && seed <= SEEDS_MAX); seed++) {
      const played = await passed({ seed, steps: STEPS })
      for (const outcome of played.outcomes.keys()) seen.add(outcome)
      crashes += played.crashes
      expect(played.entries).toBeGreaterThan(STEPS)
    }
    expect(unseen()).toEqual([])
    expect(crashes).toBeGreaterThan(SEEDS / 2)
  })

  it('finds the columnar store of one mind with it', async () => {
    await passed({ seed: 21, steps: 210, projection: 'duckdb' })
  })

  it.skipIf(skipReason !== null)(
    `finds two nodes on one PostgreSQL database of one mind with it ${skipReason ?? ''}`,
    { timeout: 120_000 },
    async () => {
      const postgresUrl = await testServerUrl()
      let entries = 0
      for (const seed of [1, 2, 3]) entries += (await passed({ seed, steps: 60, postgresUrl })).entries
      expect(entries).toBeGreaterThan(180)
      const found = await simulate({ seed: 1, steps: 300, postgresUrl, canary: CANARIES['hold-over-limit']!() })
      expect(found).toMatchObject({ ok: false })
    },
  )

  it('plays the same seed the same way, and another one otherwise', async () => {
    const [first, again, other] = [
      await passed({ seed: 5, steps: 40 }),
      await passed({ seed: 5, steps: 40 }),
      await passed({ seed: 6, steps: 40 }),
    ]
    expect(again).toEqual(first)
    expect(other.transcriptSha256).not.toBe(first.transcriptSha256)
  })

  const FOUND: Readonly<Record<string, RegExp>> = {
    'entry-dropped': /^(?:head of the journal|journal entry \d+, seq)$/,
    'batch-lost': /^(?:head of the journal|journal entry \d+, seq)$/,
    'account-off': /^account /,
    'ids-forgotten': /^(?:answer to |something was thrown)/,
    'amount-misreported': /^journal entry \d+, event, call, charge, amount$/,
    'projection-behind': /^verify, amounts, 0$/,
    'late-start-ignored': /^workflow of the calls of /,
    'hold-over-limit': /^(?:(?:what the )?answer to .* hold(?:_extend)? |counter .*, held$)/,
    'settlement-keeps': /^(?:counter|wallets of) .*, held$/,
    'expiry-twice': /^(?:counter|wallets of) .*, held$/,
    'threshold-twice': /^thresholds that journal entry \d+ tells/,
    'refusal-twice': /^(?:head of the journal|journal entry \d+, |entries since the last look|answer to )/,
    // A day that ends early tells its thresholds once more.
    'wrong-day': /^(?:counter .*, spent|thresholds that journal entry \d+ tells, \d+)$/,
    'opens-at-zero': /^counter .*, spent$/,
    // A hold that a crash left unanswered shows in the journal first.
    'breaker-blind': /^(?:answer to .* hold |what .*breaker|breakers that journal entry \d+ opens|head of the journal$)/,
    'stop-ignored': /^(?:answer to .* hold |breakers that journal entry \d+ opens|agents of )/,
    'pause-lost': /^(?:agents of |answer to .* hold )/,
    'wallet-overdrawn': /^(?:what the )?answer to /,
    // Whoever is refused meanwhile is told the balance.
    'wallet-not-charged': /^(?:account .*wallet:|what the answer to .* hold .* balance_usd$)/,
  }

  it.each(Object.keys(CANARIES))('finds what the canary %s plants, where it is', async (name) => {
    for (let seed = 1; seed <= CANARY_SEEDS; seed++) {
      const canary = CANARIES[name]?.()
      const result = await simulate({ seed, steps: 300, canary: canary! })
      if (result.ok && seed < CANARY_SEEDS) continue
      expect(result).toMatchObject({ ok: false, failure: { seed, about: expect.stringMatching(FOUND[name]!) } })
      return
    }
  })

  it('prints both sides and how to run it again, and exits with 1', () => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const args = ['--import', 'tsx', '--conditions=@purser/source', main, '--seed', '3', '--steps', '30', '--canary']
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(stdout).toMatch(
      /^FAILED: seed 3, step \d+: [^\n]+\n {2}expected {2}\d+\n {2}found {5}\d+\nagain: npm run sim -- --seed 3 --steps 30 --canary entry-dropped\n$/,
    )
    expect(status).toBe(1)
  })
})
