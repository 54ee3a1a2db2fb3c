/** How an agent works when nothing is wrong with it. */
export interface AgentProfile {
  readonly name: string
  /** Calls in an hour, by hour of the week from Monday 00:00. */
  readonly rate: (hourOfWeek: number) => number
  readonly model: string
  /** Per call: middle and spread (of the logarithm). */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly spread: number
  /** Of the input, and of the calls. */
  readonly cached: number
  readonly failing: number
  /** What it grows by in a week, when all is well. */
  readonly growth: number
  /** How much one hour differs from the same hour of other weeks. */
  readonly hourly: number
}

/** Picos for a token: 2.50 USD per million tokens are 2,500,000. */
export interface Tariff {
  readonly input: bigint
  readonly cacheRead: bigint
  readonly output: bigint
}

export const TARIFFS: ReadonlyMap<string, Tariff> = new Map([
  ['small', { input: 150_000n, cacheRead: 75_000n, output: 600_000n }],
  ['middle', { input: 2_500_000n, cacheRead: 1_250_000n, output: 10_000_000n }],
  ['large', { input: 3_000_000n, cacheRead: 300_000n, output: 15_000_000n }],
  ['largest', { input: 15_000_000n, cacheRead: 1_500_000n, output: 75_000_000n }],
])

const isWeekday = (hour: number): boolean => hour < 120
const hourOfDay = (hour: number): number => hour % 24
/** Low at four in the morning, high at four in the afternoon. */
const wave = (hour: number): number => 1 - Math.cos(((hourOfDay(hour) - 4) / 24) * 2 * Math.PI)
const between = (hour: number, from: number, to: number): boolean => hourOfDay(hour) >= from && hourOfDay(hour) < to

export const AGENTS: readonly AgentProfile[] = [
  {
    ...{
      name: 'support',
      model: 'middle',
      inputTokens: 2_200,
      outputTokens: 350,
      spread: 0.6,
      cached: 0.5,
      failing: 0.02,
      growth: 0,
      hourly: 0.15,
    },
    rate: (hour) => 4 + 28 * wave(hour) * (isWeekday(hour) ? 1 : 0.5),
  },
  {
    ...{
      name: 'reviewer',
      model: 'large',
      inputTokens: 14_000,
      outputTokens: 900,
      spread: 0.8,
      cached: 0.7,
      failing: 0.03,
      growth: 0,
      hourly: 0.25,
    },
    rate: (hour) => (isWeekday(hour) && between(hour, 8, 19) ? 22 : 0.2),
  },
  {
    ...{
      name: 'night-batch',
      model: 'small',
      inputTokens: 6_000,
      outputTokens: 700,
      spread: 0.3,
      cached: 0.6,
      failing: 0.01,
      growth: 0,
      hourly: 0.1,
    },
    rate: (hour) => (between(hour, 2, 5) ? 90 : 0),
  },
  {
    ...{
      name: 'researcher',
      model: 'large',
      inputTokens: 30_000,
      outputTokens: 3_000,
      spread: 1,
      cached: 0.6,
      failing: 0.05,
      growth: 0,
      hourly: 0.6,
    },
    rate: (hour) => (isWeekday(hour) && between(hour, 7, 22) ? 2.5 : 0.6),
  },
  {
    ...{
      name: 'watchman',
      model: 'small',
      inputTokens: 1_500,
      outputTokens: 80,
      spread: 0.2,
      cached: 0.8,
      failing: 0.005,
      growth: 0,
      hourly: 0.03,
    },
    rate: () => 60,
  },
  {
    ...{
      name: 'growing',
      model: 'middle',
      inputTokens: 3_000,
      outputTokens: 500,
      spread: 0.7,
      cached: 0.4,
      failing: 0.02,
      growth: 0.04,
      hourly: 0.2,
    },
    rate: (hour) => 6 + 12 * wave(hour),
  },
  {
    ...{
      name: 'weekly-report',
      model: 'large',
      inputTokens: 20_000,
      outputTokens: 2_000,
      spread: 0.4,
      cached: 0.5,
      failing: 0.02,
      growth: 0,
      hourly: 0.2,
    },
    rate: (hour) => (hour >= 9 && hour < 12 ? 60 : isWeekday(hour) && between(hour, 9, 17) ? 3 : 0),
  },
  {
    ...{
      name: 'sparse',
      model: 'middle',
      inputTokens: 4_000,
      outputTokens: 600,
      spread: 0.9,
      cached: 0.2,
      failing: 0.04,
      growth: 0,
      hourly: 0.5,
    },
    rate: (hour) => (isWeekday(hour) ? 0.9 : 0.3),
  },
]
