import { startPostgres } from './server.ts'

/**
 * A server in a process of its own: prints its address, or why there is none, and ends with its standard input. So it ends with whoever started it,
 * however that one ends.
 */
const answer = (said: { readonly url: string } | { readonly absent: string }): void => {
  process.stdout.write(`${JSON.stringify(said)}\n`)
}

try {
  const server = await startPostgres()
  process.stdin.resume().on('end', () => {
    server.stop().then(
      () => process.stdin.destroy(),
      (error: unknown) => {
        throw error
      },
    )
  })
  answer({ url: server.url })
} catch (error) {
  answer({ absent: error instanceof Error ? error.message : String(error) })
}
