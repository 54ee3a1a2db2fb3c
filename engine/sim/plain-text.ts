/** One line of text that is the same for equal values, whatever they hold; for comparing and for showing both sides. */
export function plainText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined'
  if (Array.isArray(value)) return `[${value.map(plainText).join(', ')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${name}: ${plainText(member)}`)
  return `{ ${members.join(', ')} }`
}
