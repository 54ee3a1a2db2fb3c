/** The name that was probably meant: the one with the fewest letters changed, where that are few for its length; null when none is near. */
export function closestTo(given: string, names: readonly string[]): string | null {
  let closest: string | null = null
  let fewest = Math.max(2, Math.floor(given.length / 3)) + 1
  for (const name of names) {
    const changes = changesBetween(given.toLowerCase(), name, fewest)
    if (changes < fewest) {
      closest = name
      fewest = changes
    }
  }
  return closest
}

/** Letters to insert, leave out or replace (Levenshtein's distance), or `most` when it is no less. */
function changesBetween(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) >= most) return most
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? most
}
