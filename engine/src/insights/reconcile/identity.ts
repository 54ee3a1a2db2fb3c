import type { Millis } from '../../kernel/index.ts'
import { type CardBook, resolveModel } from '../../pricing/index.ts'

/** The name under which the catalog knows a model of a seller at a time, so that an alias and what it stands for are one; else the name itself. */
export type Identity = (model: string, at: Millis) => string

export function modelIdentity(book: CardBook, seller: string): Identity {
  const known = new Map<string, string>()
  return (model, at) => {
    // Names are resolved once a day of use: a pointer that moves does so between days.
    const key = `${at - (at % 86_400_000)} ${model}`
    const found = known.get(key)
    if (found !== undefined) return found
    const listing = resolveModel(book, seller, model, at).listing ?? fineTuned(book, seller, model, at)
    const name = listing?.model ?? model
    known.set(key, name)
    return name
  }
}

/** OpenAI's costs name a fine-tuned model by its base alone, which a call's name goes on from. */
function fineTuned(book: CardBook, seller: string, model: string, at: Millis): { readonly model: string } | null {
  return model.startsWith('ft:') ? resolveModel(book, seller, `${model}:`, at).listing : null
}
