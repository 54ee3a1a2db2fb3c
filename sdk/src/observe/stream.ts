import type { Facts } from '../redact.ts'
import { type Observation, quietly } from './observation.ts'

/** Gathers facts from the chunks of one stream. */
export interface StreamReader {
  take(chunk: unknown): void
  /** What is known by now. */
  facts(): Facts
  /** Whether the provider said that the answer is whole. */
  isWhole(): boolean
  /** The code of an error that came as a chunk. */
  failure?(): string | undefined
  /** Whether this chunk is kept from the caller, because only we asked for it. */
  hides?(chunk: unknown): boolean
}

interface StreamObject {
  iterator?: () => AsyncIterator<unknown>
  controller?: { readonly signal?: { readonly aborted?: boolean } }
  [Symbol.asyncIterator](): AsyncIterator<unknown>
}

export function isStream(value: object): value is StreamObject {
  return typeof (value as Partial<StreamObject>)[Symbol.asyncIterator] === 'function'
}

/**
 * Watches a stream in place. `iterator` is the field from which the SDKs' `Stream` makes everything (`for await`, `tee()`, `toReadableStream()`);
 * other async iterables are watched at their own method.
 */
export function observeStream(stream: StreamObject, observation: Observation, reader: StreamReader): void {
  const isAborted = (): boolean => stream.controller?.signal?.aborted === true
  let isWatched = false
  const watchedOnce = (make: () => AsyncIterator<unknown>): AsyncIterator<unknown> => {
    const iterator = make()
    // The SDKs refuse a second pass over a stream; there is nothing to watch in it.
    if (!isWatched) watchIterator(iterator, observation, reader, isAborted)
    isWatched = true
    return iterator
  }
  if (typeof stream.iterator === 'function') {
    const make = stream.iterator
    stream.iterator = () => watchedOnce(() => make.call(stream))
  } else {
    const make = stream[Symbol.asyncIterator]
    stream[Symbol.asyncIterator] = () => watchedOnce(() => make.call(stream))
  }
}

/** Puts the watch into the iterator's own methods, so that the caller holds the very iterator that the SDK made. */
function watchIterator(iterator: AsyncIterator<unknown>, observation: Observation, reader: StreamReader, isAborted: () => boolean): void {
  const next = iterator.next.bind(iterator)
  const giveBack = iterator.return?.bind(iterator)
  let hasBegun = false
  const end = (): void => {
    const failure = reader.failure?.()
    if (failure !== undefined) observation.fail({ code: failure }, reader.facts())
    else if (reader.isWhole() || !isAborted()) observation.succeed(reader.facts())
    else observation.fail({ code: 'aborted' }, reader.facts())
  }
  const step = async (...args: [] | [unknown]): Promise<IteratorResult<unknown>> => {
    let result: IteratorResult<unknown>
    try {
      result = await next(...(args as []))
    } catch (error) {
      quietly(() => observation.fail(error, hasBegun ? reader.facts() : undefined))
      throw error
    }
    const isHidden = quietly(() => {
      if (result.done) end()
      else reader.take(result.value)
      hasBegun = true
      return !result.done && reader.hides?.(result.value) === true
    })
    return isHidden === true ? step() : result
  }
  iterator.next = step
  if (giveBack !== undefined) {
    iterator.return = (value) => {
      quietly(() => {
        if (reader.isWhole()) end()
        else observation.fail({ code: 'aborted' }, reader.facts())
      })
      return giveBack(value)
    }
  }
}
