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

const LABEL_WIDTH = 8

/** A short label and a text beside it, wrapped to the terminal's width under itself. */
export function labelled(label: string, text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && LABEL_WIDTH + line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${each}`)
}
