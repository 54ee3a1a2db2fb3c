import { parseArgs } from 'node:util'
import { startPostgres } from '../../conformance/postgres/server.ts'
import { CANARIES } from './canaries.ts'
import type { Canary } from './canary.ts'
import { PROJECTION_KINDS, type ProjectionKind } from './program/projections.ts'
import { type Failure, type Simulated, simulate } from './simulate.ts'

const USAGE = `npm run sim -- [--seed N] [--steps M] [--seeds K] [--ledger sqlite|postgres] [--store ${PROJECTION_KINDS.join('|')}] [--canary NAME]
  --seed    the first seed (1)
  --steps   steps of each seed (400)
  --seeds   how many seeds, one after the other (1)
  --ledger  where the ledger is (sqlite); postgres: a server started for it, or PURSER_TEST_DATABASE_URL
  --store   where the journal is projected to (reference)
  --canary  plants a fault that must be found: ${Object.keys(CANARIES).join(', ')}
`
const PROGRESS_MS = 5_000

interface Asked {
  readonly seed: number
  readonly steps: number
  readonly seeds: number
  readonly ledger: 'sqlite' | 'postgres'
  readonly store: ProjectionKind
  readonly canary: string | null
}

/** `npm run sim`: plays seeds until the program and the auditor differ; then says where, shows both sides, and exits with 1. */
async function main(argv: readonly string[]): Promise<void> {
  const asked = readArguments(argv)
  if (asked === null) {
    process.stderr.write(USAGE)
    process.exitCode = 2
    return
  }
  const own = process.env.PURSER_TEST_DATABASE_URL ?? ''
  const server = asked.ledger === 'postgres' && own === '' ? await startPostgres() : null
  try {
    await playSeeds(asked, asked.ledger === 'postgres' ? (server?.url ?? own) : null)
  } finally {
    await server?.stop()
  }
}

async function playSeeds(asked: Asked, postgresUrl: string | null): Promise<void> {
  const began = performance.now()
  let told = began
  const played: Simulated[] = []
  for (let seed = asked.seed; seed < asked.seed + asked.seeds; seed++) {
    const onStep = (step: number): void => {
      if (performance.now() - told < PROGRESS_MS) return
      told = performance.now()
      process.stdout.write(`seed ${seed}, step ${step} of ${asked.steps}\n`)
    }
    const result = await simulate({ seed, steps: asked.steps, projection: asked.store, postgresUrl, onStep, ...canaryOf(asked) })
    if (!result.ok) {
      process.stdout.write(textOfFailure(result.failure, asked))
      process.exitCode = 1
      return
    }
    played.push(result.value)
  }
  process.stdout.write(summary(played, asked, (performance.now() - began) / 1_000))
}

function readArguments(argv: readonly string[]): Asked | null {
  const text = { type: 'string' } as const
  const options = { seed: text, steps: text, seeds: text, ledger: text, store: text, canary: text }
  try {
    const { values } = parseArgs({ args: withCanaryName(argv), options })
    const [seed, steps, seeds] = [Number(values.seed ?? 1), Number(values.steps ?? 400), Number(values.seeds ?? 1)]
    const store = PROJECTION_KINDS.find((kind) => kind === (values.store ?? 'reference'))
    const ledger = (['sqlite', 'postgres'] as const).find((kind) => kind === (values.ledger ?? 'sqlite'))
    const canary = values.canary ?? null
    const wrong = [seed, steps, seeds].some((number) => !Number.isSafeInteger(number) || number < 0) || seed + seeds > 2 ** 31
    if (wrong || ledger === undefined || store === undefined || (canary !== null && !Object.hasOwn(CANARIES, canary))) return null
    return { seed, steps, seeds, ledger, store, canary }
  } catch {
    return null
  }
}

/** `--canary` alone is the first of them. */
function withCanaryName(argv: readonly string[]): string[] {
  const [first = ''] = Object.keys(CANARIES)
  return argv.flatMap((word, index) => (word === '--canary' && (argv[index + 1] ?? '--').startsWith('--') ? [word, first] : [word]))
}

function canaryOf({ canary }: Asked): { canary?: Canary } {
  const made = canary === null ? undefined : CANARIES[canary]?.()
  return made === undefined ? {} : { canary: made }
}

function textOfFailure({ seed, step, about, expected, found }: Failure, { steps, ledger, store, canary }: Asked): string {
  const again = `npm run sim -- --seed ${seed} --steps ${steps}${ledger === 'sqlite' ? '' : ` --ledger ${ledger}`}${store === 'reference' ? '' : ` --store ${store}`}${canary === null ? '' : ` --canary ${canary}`}`
  return `FAILED: seed ${seed}, step ${step}: ${about}\n  expected  ${expected}\n  found     ${found}\nagain: ${again}\n`
}

function summary(played: readonly Simulated[], { seed, steps }: Asked, seconds: number): string {
  const outcomes = new Map<string, number>()
  for (const one of played) for (const [outcome, count] of one.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count)
  const entries = played.reduce((sum, one) => sum + one.entries, 0)
  const crashes = played.reduce((sum, one) => sum + one.crashes, 0)
  const lines = [...outcomes].sort().map(([outcome, count]) => `  ${String(count).padStart(8)}  ${outcome}\n`)
  const seeds = played.length === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + played.length - 1}`
  return `${lines.join('')}passed: ${seeds}, ${steps} steps each, ${entries} entries, ${crashes} crashes, ${seconds.toFixed(1)} s\n`
}

await main(process.argv.slice(2))
