import type { Command } from './records.ts'

/**
 * Commands as they are decided: each by itself, but those that follow each other with the same mark `together`, which are posted all or none. In their
 * order.
 */
export function partsOf(commands: readonly Command[]): readonly (readonly Command[])[] {
  const parts: Command[][] = []
  for (const command of commands) {
    const open = parts.at(-1)
    if (command.together !== undefined && open?.at(-1)?.together === command.together) open.push(command)
    else parts.push([command])
  }
  return parts
}

/** Whether any of them are to be posted all or none: almost none are. */
export function hasMarks(commands: readonly Command[]): boolean {
  return commands.some(({ together }) => together !== undefined)
}
