import { fail, refusal } from '../../engine/src/kernel/index.ts'
import { createRateInvoke, openRateDesk } from '../../engine/src/operations/index.ts'
import { buildCatalog, bundledCatalogFiles } from '../../engine/src/pricing/index.ts'
import { runCli } from '../../engine/src/surfaces/cli/run.ts'
import type { CliWorld, Invoke } from '../../engine/src/surfaces/cli/world.ts'

/** What time it is for a command. */
export const NOW = Date.parse('2026-11-22T10:00:00Z')
const { book } = buildCatalog(bundledCatalogFiles())

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A machine without a way to any provider. */
export const NO_REPORTS: CliWorld['reports'] = {
  base: (seller) => `https://${seller}.invalid`,
  page: async (url) => fail(refusal('unavailable', `${url} is not reached from tests`)),
}

/** Runs a command line in this process, against the bundled catalog unless told otherwise. */
export async function purser(
  argv: readonly string[],
  invoke?: Invoke,
  columns = 100,
  reports: CliWorld['reports'] = NO_REPORTS,
): Promise<Ran> {
  const said = { out: '', err: '' }
  const output = (stream: 'out' | 'err') => ({
    columns,
    write(text: string | Uint8Array) {
      said[stream] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8')
    },
  })
  const connection = {
    invoke: invoke ?? createRateInvoke({ now: () => NOW, rates: await openRateDesk(book, null) }),
    where: 'here',
    close: async () => undefined,
  }
  const code = await runCli({
    argv,
    env: {},
    home: '/nowhere',
    cwd: '/nowhere',
    stdout: output('out'),
    stderr: output('err'),
    now: () => NOW,
    version: '0.0.0-test',
    connect: async () => connection,
    reports,
    serve: async () => 0,
  })
  return { code, ...said }
}
