import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { connect } from './connection.ts'
import type { Request, ThreadData } from './thread-messages.ts'

it('is told of the newest entry once for many that came together, and before what is asked', async () => {
  const sent: Request[] = []
  const worker = Object.assign(new EventEmitter(), { ref: () => undefined, postMessage: (message: Request) => void sent.push(message) })
  const opening = connect({ worker: worker as unknown as Worker, ended: () => null }, {} as ThreadData)
  worker.emit('message', { kind: 'ready', rebuilt: null })
  const { connection } = await opening
  sent.length = 0
  for (let head = 1; head <= 1_000; head += 1) connection.notify(head)
  expect(sent).toEqual([])
  const asked = connection.ask('watermark', [])
  expect(sent).toEqual([
    { kind: 'notify', head: 1_000 },
    { kind: 'call', id: 1, method: 'watermark', args: [] },
  ])
  worker.emit('message', { kind: 'value', id: 1, value: 1_000 })
  expect(await asked).toBe(1_000)
  connection.notify(1_001)
  await expect.poll(() => sent.length).toBe(3)
  expect(sent[2]).toEqual({ kind: 'notify', head: 1_001 })
})
