import type { Clock, Refusal, Result } from '../../kernel/index.ts'
import type { Streamed } from '../../operations/index.ts'

/** Runs one operation by its name, here or in a running server. */
export type Invoke = (operation: string, input: unknown) => Promise<Result<unknown, Refusal>>

/** An engine the command line can ask: in this process, or over HTTP. */
export interface Connection {
  readonly invoke: Invoke
  /** For messages: the server's address, or the data folder opened here. */
  readonly where: string
  close(): Promise<void>
}

export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything a command touches. Given by `main.ts`; tests give their own. */
export interface CliWorld {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  readonly stdout: Output
  readonly stderr: Output
  readonly now: Clock
  readonly version: string
  /**
   * The running server of the configured data folder, else that folder's stores opened in this process.
   * `rates`: only what pricing needs; without a data folder that is the bundled catalog, and nothing is created.
   */
  connect(need: 'rates' | 'stores'): Promise<Connection>
  /** Providers' cost APIs, asked with the admin keys of the environment. */
  readonly reports: {
    /** Where the API of a provider answers. */
    base(seller: 'openai' | 'anthropic'): string
    /** The text of one page. */
    page(url: string): Promise<Result<string>>
  }
  /** Serves until a signal ends it. */
  serve(): Promise<number>
}

/** A command failed with words for its user; the exit code is 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly hint: string | null

  constructor(message: string, hint: string | null = null) {
    super(message)
    this.hint = hint
  }
}

/** The value of a result, or a `CommandFailed` that says what the engine said. */
export async function ask<T>(connection: Connection, operation: string, input: unknown): Promise<T> {
  const result = await connection.invoke(operation, input)
  if (result.ok) return result.value as T
  const { code, detail, path } = result.error
  throw new CommandFailed(`${detail}${path === undefined ? '' : ` (at ${path})`} [${code}]`)
}

/** Writes an answer that comes in pieces as they come. */
export async function pour({ pieces }: Streamed, output: Output): Promise<void> {
  for await (const piece of pieces) output.write(piece)
}
