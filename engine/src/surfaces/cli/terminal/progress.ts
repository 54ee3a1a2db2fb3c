import type { Output } from '../world.ts'

const EVERY_MS = 100

/** One line that is rewritten on a terminal; elsewhere a line now and then, so that logs stay short. */
export interface Progress {
  show(text: string): void
  done(): void
}

export function progressLine(output: Output, now: () => number): Progress {
  const terminal = output.isTTY === true
  const everyMs = terminal ? EVERY_MS : 100 * EVERY_MS
  let shownAt = now()
  let visible = false
  return {
    show(text) {
      if (now() - shownAt < everyMs) return
      shownAt = now()
      const width = output.columns ?? 80
      output.write(terminal ? `\r\u001b[2K${text.slice(0, width - 1)}` : `${text}\n`)
      visible = true
    },
    done() {
      if (terminal && visible) output.write('\r\u001b[2K')
      visible = false
    },
  }
}
