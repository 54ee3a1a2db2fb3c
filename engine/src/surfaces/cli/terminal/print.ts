import type { CliWorld } from '../world.ts'

const WIDTH_DEFAULT = 80

export function terminalWidth(world: CliWorld): number {
  return world.stdout.columns ?? WIDTH_DEFAULT
}

export function print(world: CliWorld, ...lines: readonly string[]): void {
  for (const line of lines) world.stdout.write(`${line}\n`)
}

export function printJson(world: CliWorld, value: unknown): void {
  world.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Remarks go to stderr, so that stdout can be piped. */
export function remark(world: CliWorld, ...lines: readonly string[]): void {
  for (const line of lines) world.stderr.write(`${line}\n`)
}
