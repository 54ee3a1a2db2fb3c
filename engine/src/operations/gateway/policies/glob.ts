/** Whether a text is one of those that a pattern stands for: `*` is any text, also none, and everything else is itself. Linear in both for each `*`. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0
  let globAt = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    if (glob[globAt] === '*') {
      star = globAt++
      resume = at
    } else if (globAt < glob.length && glob[globAt] === text[at]) {
      globAt++
      at++
    } else if (star >= 0) {
      globAt = star + 1
      at = ++resume
    } else return false
  }
  while (glob[globAt] === '*') globAt++
  return globAt === glob.length
}

/**
 * Whether some text matches both patterns. The states are pairs of positions, walked from the start: where both stand on the same character both go on, and a
 * `*` takes what the other one has next, or nothing.
 */
export function globsMeet(one: string, other: string): boolean {
  const width = other.length + 1
  const seen = new Uint8Array((one.length + 1) * width)
  const open: [number, number][] = [[0, 0]]
  const go = (left: number, right: number): void => {
    if (left > one.length || right > other.length || seen[left * width + right] === 1) return
    seen[left * width + right] = 1
    open.push([left, right])
  }
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const [left, right] = state
    if (left === one.length && right === other.length) return true
    const [a, b] = [one[left], other[right]]
    if (a === '*') {
      go(left + 1, right)
      if (b !== undefined) go(left, right + 1)
    }
    if (b === '*') {
      go(left, right + 1)
      if (a !== undefined) go(left + 1, right)
    }
    if (a !== undefined && a !== '*' && a === b) go(left + 1, right + 1)
  }
  return false
}
