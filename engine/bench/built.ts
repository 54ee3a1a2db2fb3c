/**
 * Loads a module of the engine as it is shipped: compiled. What is measured is then what users run, without the overhead that running from source adds.
 */
export async function built<T>(module: string): Promise<T> {
  return (await import(new URL(`../dist/${module}.js`, import.meta.url).href)) as T
}
