import { createHash, type Hash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Auditor, auditor } from './auditor/auditor.ts'
import { Disagreement } from './auditor/disagreement.ts'
import { auditLedger, auditProjection } from './auditor/final-audit.ts'
import { type Canary, NO_CANARY } from './canary.ts'
import { type Dice, diceOf } from './dice.ts'
import { plainText } from './plain-text.ts'
import { withOpenings } from './program/openings.ts'
import { type LedgerPlace, postgresPlace, sqlitePlace } from './program/place.ts'
import { type Program, startProgram } from './program/program.ts'
import { type ProjectionKind, withProjection } from './program/projections.ts'
import { type FaultRates, NO_FAULTS } from './program/unreliable-store.ts'
import type { Settled, Step } from './records.ts'
import { type Workload, workload } from './workload/workload.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Steps before what is left is delivered and the last audit is made. */
  readonly steps: number
  readonly projection?: ProjectionKind
  /** A PostgreSQL server, on which a database is made for the ledger; without one it is in SQLite. */
  readonly postgresUrl?: string | null
  readonly canary?: Canary
  readonly onStep?: (step: number) => void
}

export interface Simulated {
  readonly seed: number
  readonly entries: number
  readonly crashes: number
  /** How often each fate and answer came, e.g. `posted call`, `refused id_reused`, `unanswered`. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Over all steps and answers: the same seed gives the same. */
  readonly transcriptSha256: string
}

/** Where the program and the auditor first differed. */
export interface Failure {
  readonly seed: number
  /** Steps begun; more than asked for when it was found in the last deliveries or the last audit. */
  readonly step: number
  readonly about: string
  readonly expected: string
  readonly found: string
}

export type SimulationResult = { readonly ok: true; readonly value: Simulated } | { readonly ok: false; readonly failure: Failure }

/** Of a thousand transactions. */
const FAULTS: FaultRates = { rollback: 30, crash: 8 }
/** The first full audit within the steps; each next one comes after twice as many, so that long runs are not spent on auditing. */
const FIRST_AUDIT_STEP = 200

/** Plays one seed: random work on the real ledger, every answer judged, everything read again now and then and at the end. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const folder = mkdtempSync(join(placeOf(), 'purser-sim-'))
  const run: Run = {
    options,
    folder,
    canary: options.canary ?? NO_CANARY,
    workload: workload(options.seed),
    auditor: auditor(),
    faults: FAULTS,
    step: 0,
    outcomes: new Map(),
    transcript: createHash('sha256'),
  }
  try {
    return { ok: true, value: await playAll(run) }
  } catch (error) {
    return { ok: false, failure: { seed: options.seed, step: run.step, ...sidesOf(error) } }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * It is processes that die here, not machines, and what a process has written outlives it in memory as well as on a disk, which is slower.
 * Containers often have too little of such memory.
 */
function placeOf(): string {
  if (!existsSync(MEMORY_FOLDER)) return tmpdir()
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
  return bavail * bsize >= MEMORY_BYTES_MIN ? MEMORY_FOLDER : tmpdir()
}

const MEMORY_FOLDER = '/dev/shm'
const MEMORY_BYTES_MIN = 1024 * 1024 * 1024

interface Run {
  readonly options: SimulationOptions
  readonly folder: string
  readonly canary: Canary
  readonly workload: Workload
  readonly auditor: Auditor
  faults: FaultRates
  step: number
  readonly outcomes: Map<string, number>
  readonly transcript: Hash
}

async function playAll(run: Run): Promise<Simulated> {
  const { options } = run
  const dice = diceOf(options.seed, 'program')
  const { postgresUrl = null } = options
  const place = postgresUrl === null ? sqlitePlace(run.folder, dice) : await postgresPlace(postgresUrl)
  try {
    return await playIn(run, place, dice)
  } finally {
    await place.remove()
  }
}

async function playIn(run: Run, place: LedgerPlace, dice: Dice): Promise<Simulated> {
  const { options, canary } = run
  const program = await startProgram({
    place,
    dice,
    faults: () => run.faults,
    sabotage: canary.sabotage,
  })
  try {
    let auditStep = FIRST_AUDIT_STEP
    while (run.step < options.steps) {
      await play(run, program, run.workload.next())
      if (run.step < auditStep) continue
      await audit(run, program)
      auditStep *= 2
    }
    run.faults = NO_FAULTS
    for (let step = run.workload.drain(); step !== null; step = run.workload.drain()) await play(run, program, step)
    await program.restart()
    await audit(run, program)
    return {
      seed: options.seed,
      entries: run.auditor.books.postings.length,
      crashes: program.crashes(),
      outcomes: run.outcomes,
      transcriptSha256: run.transcript.digest('hex'),
    }
  } finally {
    await program.close()
  }
}

async function play(run: Run, program: Program, step: Step): Promise<void> {
  run.step += 1
  run.options.onStep?.(run.step)
  run.transcript.update(`${plainText(step)}\n`)
  if (step.kind === 'restart') await program.restart()
  if (step.kind === 'deliver') {
    const settled = await program.deliver(withOpenings(run.auditor.books, step.parcels))
    for (const each of settled) {
      const outcome = outcomeOf(each)
      run.transcript.update(`${outcome} ${each.answer?.ok === true ? each.answer.value.entry.seq : ''}\n`)
      run.outcomes.set(outcome, (run.outcomes.get(outcome) ?? 0) + 1)
    }
    run.auditor.judge(run.canary.mislead(settled))
    run.workload.hear(settled)
  }
  await run.auditor.look(program.ledger())
}

async function audit(run: Run, program: Program): Promise<void> {
  const ledger = program.ledger()
  const entries = run.canary.project(await auditLedger(run.auditor, ledger))
  await withProjection(run.options.projection ?? 'reference', entries, run.folder, (projection) =>
    auditProjection(run.auditor.books, ledger, projection),
  )
}

function outcomeOf({ delivery, fate, answer }: Settled): string {
  if (answer === null) return `unanswered, ${fate}`
  if (!answer.ok) return `refused ${answer.error.code}`
  return `${answer.value.replayed ? 'replayed' : 'posted'} ${delivery.command.event.kind}`
}

/** What is thrown but is no disagreement is a fault as well: an assertion of the program, or of the simulation. */
function sidesOf(error: unknown): Omit<Failure, 'seed' | 'step'> {
  if (error instanceof Disagreement) return { about: error.about, expected: error.expected, found: error.found }
  return {
    about: 'something was thrown',
    expected: 'nothing',
    found: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }
}
