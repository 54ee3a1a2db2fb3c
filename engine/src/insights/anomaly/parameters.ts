const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long stretches are looked at, and how far out of line one must be: in robust standard deviations of such stretches. */
export interface Scale {
  readonly lengthMs: number
  readonly deviationsMin: number
  /** The smallest change that is worth a word, as a share of what was expected. */
  readonly changeMin: number
}

/** What the detector goes by. All of it was chosen on the tuning half of the back-test, and on nothing else. */
export interface DetectorParameters {
  /** Nothing is said before so much time has been observed, and so many steps of it. */
  readonly historyMinMs: number
  readonly observedMin: number
  /** Of these, steps that were not zero: of who did next to nothing nothing is normal yet. */
  readonly activeMin: number
  /** What is remembered, for the baseline and for its spread. */
  readonly memoryMs: number
  readonly scales: readonly Scale[]
  /** What is out of line must be at least so many busy steps: a single call at night is not an anomaly. */
  readonly excessMin: number
  /** The furthest that stretches have been out of line so far, but for a few, times this is not alarming yet. */
  readonly quietShare: number
  readonly quietFactor: number
  /** An episode ends when it has been back in line for so long. */
  readonly quietMs: number
  /** An episode that has lasted so long is the new normal. */
  readonly acceptMs: number
  /** Spread of a series that never moves, in the scale of `y` (see baseline.ts): about so many parts of its level. */
  readonly spreadMin: number
}

export const PARAMETERS: DetectorParameters = {
  historyMinMs: 7 * DAY_MS,
  observedMin: 48,
  activeMin: 1,
  memoryMs: 35 * DAY_MS,
  scales: [
    { lengthMs: HOUR_MS, deviationsMin: 6.5, changeMin: 0.5 },
    { lengthMs: 4 * HOUR_MS, deviationsMin: 6, changeMin: 0.4 },
    { lengthMs: DAY_MS, deviationsMin: 4, changeMin: 0.25 },
    { lengthMs: 4 * DAY_MS, deviationsMin: 4, changeMin: 0.2 },
  ],
  excessMin: 0,
  quietShare: 0.995,
  quietFactor: 1.3,
  quietMs: 6 * HOUR_MS,
  acceptMs: 7 * DAY_MS,
  spreadMin: 0.06,
}

/** For what is spent: it adds up, so an excess can be measured against what a busy hour costs. */
export const SPEND_PARAMETERS: DetectorParameters = { ...PARAMETERS, activeMin: 20, excessMin: 1.5 }
