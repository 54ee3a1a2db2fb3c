import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CliWorld } from '../world.ts'

export interface LogFolder {
  readonly source: 'claude-code' | 'codex'
  readonly path: string
}

/**
 * Where coding agents keep their session logs, as far as those folders exist. Claude Code: `CLAUDE_CONFIG_DIR` (a comma list) or the two
 * places it has used, each with `projects`. Codex: `CODEX_HOME`, with `sessions` and `archived_sessions`.
 */
export async function defaultLogFolders(world: Pick<CliWorld, 'env' | 'home'>): Promise<LogFolder[]> {
  const claude = world.env.CLAUDE_CONFIG_DIR?.split(',').map((path) => path.trim()) ?? [
    join(world.home, '.claude'),
    join(world.home, '.config', 'claude'),
  ]
  const codex = world.env.CODEX_HOME ?? join(world.home, '.codex')
  const candidates: LogFolder[] = [
    ...claude.filter((path) => path !== '').map((path) => ({ source: 'claude-code' as const, path: join(path, 'projects') })),
    { source: 'codex', path: join(codex, 'sessions') },
    { source: 'codex', path: join(codex, 'archived_sessions') },
  ]
  const present = await Promise.all(candidates.map(async ({ path }) => (await stat(path).catch(() => null))?.isDirectory() === true))
  return candidates.filter((_, index) => present[index])
}
