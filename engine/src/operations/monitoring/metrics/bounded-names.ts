const OTHER = 'other'
/** Where a call does not say. */
const UNSAID = 'none'
const CHARS_MAX = 120

/**
 * Names as labels, so many and no more: a scraper keeps a series for each, for ever. The first that are seen have their own, which are those that are called most; later
 * ones are together in `other`, and so is what is too long to be a name. A name never moves from one series to another, because a counter never falls.
 */
export function boundedNames(max: number): (name: string | null) => string {
  const labels = new Map<string, string>()
  return (name) => {
    if (name === null || name === '') return UNSAID
    const known = labels.get(name)
    if (known !== undefined) return known
    if (labels.size >= max || name.length > CHARS_MAX) return OTHER
    // Half of a surrogate pair is no character, and would make the whole text unreadable.
    const label = Buffer.from(name, 'utf8').toString('utf8')
    labels.set(name, label)
    return label
  }
}
