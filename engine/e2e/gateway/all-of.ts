/** All items of a stream, in their order. */
export async function allOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** What a call throws; fails where it throws nothing. */
export async function thrownBy(call: Promise<unknown>): Promise<Error & Readonly<Record<string, unknown>>> {
  try {
    await call
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('nothing was thrown')
}
