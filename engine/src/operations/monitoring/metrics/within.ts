/** What a promise gives within some time; null when it takes longer or fails. What is under way goes on, and nobody waits for it. */
export function within<T>(ms: number, asked: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms)
    asked.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      () => {
        clearTimeout(timer)
        resolve(null)
      },
    )
  })
}
