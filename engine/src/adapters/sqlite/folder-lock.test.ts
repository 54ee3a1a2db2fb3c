import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderInUseError } from './folder-lock.ts'
import { openSqlite } from './index.ts'

describe('a data folder belongs to one process', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purser-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('refuses a second opening in the same process, and allows it after closing', async () => {
    const first = openSqlite({ folder })
    expect(() => openSqlite({ folder })).toThrow(FolderInUseError)
    expect(() => openSqlite({ folder })).toThrow(/in use by this process already/)
    await first.close()
    await openSqlite({ folder }).close()
  })

  it('refuses while another process holds it, names that process, and is free once it is killed', async () => {
    await openSqlite({ folder }).close()
    const holder = spawn(process.execPath, [
      '-e',
      HOLD,
      join(folder, 'lock.sqlite'),
      createRequire(import.meta.url).resolve('better-sqlite3'),
    ])
    try {
      await new Promise((resolve, reject) => {
        holder.stdout.once('data', resolve)
        holder.once('exit', () => reject(new Error('the holder did not start')))
      })
      expect(() => openSqlite({ folder })).toThrow(new RegExp(`in use by process ${holder.pid}; stop it, or choose another folder`))
    } finally {
      const gone = new Promise((resolve) => holder.once('exit', resolve))
      holder.kill('SIGKILL')
      await gone
    }
    await openSqlite({ folder }).close()
  })
})

/** What `lockFolder` does, in plain JavaScript, so that a bare second process can do it. */
const HOLD = `
const database = require(process.argv[2])(process.argv[1], { timeout: 0 })
database.exec('BEGIN IMMEDIATE; DELETE FROM holder')
database.prepare('INSERT INTO holder VALUES (?)').run(process.pid)
database.exec('COMMIT; BEGIN IMMEDIATE')
process.stdout.write('held')
setInterval(() => {}, 1000)
`
