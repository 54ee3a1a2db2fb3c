/** An answer that is no JSON document: a text or a file that is made while it is sent, so that it may be larger than the memory. */
export class Streamed {
  readonly contentType: string
  /** What it is called when it is saved. */
  readonly fileName: string
  /** May be read once. */
  readonly pieces: AsyncIterable<string | Uint8Array>

  private constructor(contentType: string, fileName: string, pieces: AsyncIterable<string | Uint8Array>) {
    this.contentType = contentType
    this.fileName = fileName
    this.pieces = pieces
  }

  /**
   * Begins to make it: resolves when the first piece is there. What stands in the way, such as a question that cannot be answered, mostly shows by then,
   * and rejects while a refusal can still be sent.
   */
  static async begin(contentType: string, fileName: string, pieces: AsyncIterable<string | Uint8Array>): Promise<Streamed> {
    const rest = pieces[Symbol.asyncIterator]()
    const first = await rest.next()
    return new Streamed(contentType, fileName, following(first, rest))
  }
}

async function* following<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** CSV in UTF-8 under a name. */
export function streamedCsv(fileName: string, pieces: AsyncIterable<string>): Promise<Streamed> {
  return Streamed.begin('text/csv; charset=utf-8', fileName, pieces)
}
