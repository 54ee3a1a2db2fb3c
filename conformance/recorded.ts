import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Recorded reality: provider responses, price tables, session logs. They are too large and not ours to commit, so tests read them from a
 * folder beside the checkout (or `PURSER_TEST_DATA`) and say which file they need where it is absent.
 */
const folder = process.env.PURSER_TEST_DATA ?? resolve(dirname(fileURLToPath(import.meta.url)), '../../shared/data')

/** Full path of a recorded file or folder, or null where it is absent. */
export function recordedPath(name: string): string | null {
  const path = join(folder, name)
  return existsSync(path) ? path : null
}

/** Why a test skips, naming the file; null when the file is there. In CI an absent file is a failure, so nothing skips silently. */
export function skipReason(name: string): string | null {
  if (recordedPath(name) !== null) return null
  const reason = `needs recorded data "${name}" (set PURSER_TEST_DATA to the folder that holds it)`
  if (process.env.CI === 'true') throw new Error(reason)
  return reason
}

/** Parsed JSON files of a recorded folder, by file name; empty where the folder is absent (pair with `skipReason`). */
export function recordedJson<T>(name: string): { file: string; data: T }[] {
  const path = recordedPath(name)
  if (path === null) return []
  return readdirSync(path)
    .filter((file) => file.endsWith('.json') && !file.startsWith('_'))
    .sort()
    .map((file) => ({ file, data: JSON.parse(readFileSync(join(path, file), 'utf8')) as T }))
}
