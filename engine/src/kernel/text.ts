/** Half of a surrogate pair without its other half. It has no form in UTF-8, so a store would write U+FFFD and two names would become one. */
const LONE_SURROGATE = /\p{Surrogate}/u
const LONE_SURROGATES = /\p{Surrogate}/gu

/** Whether a text can be kept as it is: it holds no lone surrogate. */
export function isWellFormedText(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/** A text that can be kept, each lone surrogate replaced by U+FFFD: for words of a provider, which are never refused. */
export function wellFormedText(text: string): string {
  return isWellFormedText(text) ? text : text.replace(LONE_SURROGATES, '\uFFFD')
}
