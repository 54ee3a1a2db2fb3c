import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Receiver, startReceiver } from '../../../../conformance/alerts/receiver.ts'
import targets from '../../../../conformance/alerts/targets.json' with { type: 'json' }
import type { Message } from '../../alerts/index.ts'
import { guardedLookup, isPublicAddress } from './guard.ts'
import { readSmtp } from './mail.ts'
import { type OutgoingOptions, outgoing } from './outgoing.ts'
import { targetObstacle } from './target.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function post(url: string): Message {
  return { kind: 'post', url, headers: { 'content-type': 'application/json', 'webhook-id': 'a1' }, body: '{"a":1}' }
}

async function sent(message: Message, options: Partial<OutgoingOptions> = {}) {
  const way = outgoing({ now: () => NOW, withinMs: 2_000, loopback: () => true, smtp: null, ...options })
  try {
    return await way.send(message)
  } finally {
    await way.close()
  }
}

describe('a target', () => {
  it.each(targets)('$name', ({ channel, url, local, allowed }) => {
    const obstacle = targetObstacle({ loopback: () => local, mail: true }, channel as 'webhook' | 'slack' | 'email', url)
    expect({ url, allowed: obstacle === null }).toEqual({ url, allowed })
  })

  it('of mail needs a mail server', () => {
    expect(targetObstacle({ loopback: () => true, mail: false }, 'email', 'mailto:a@example.com')).toContain('PURSER_SMTP_URL')
  })
})

describe('a post', () => {
  it('arrives as it was made', async () => {
    expect(await sent(post(receiver.url))).toEqual({ code: 200, error: null, retryAfterMs: null })
    expect(receiver.received).toMatchObject([{ path: '/hook', body: '{"a":1}', headers: { 'webhook-id': 'a1' } }])
  })

  it.each([204, 299])('is delivered with %i', async (status) => {
    receiver.answer(status)
    expect(await sent(post(receiver.url))).toMatchObject({ code: status, error: null })
  })

  it('does not follow redirects, wherever they lead', async () => {
    receiver.answer(302, { location: receiver.url.replace('/hook', '/inside') })
    expect(await sent(post(receiver.url))).toMatchObject({ code: 302, error: 'answered 302, and redirects are not followed' })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
  })

  it.each([
    [503, '120', 120_000],
    [429, 'Sun, 22 Nov 2026 10:10:00 GMT', 600_000],
    [429, 'Sun, 22 Nov 2026 09:00:00 GMT', 0],
    [503, 'soon', null],
    [500, '120', null],
  ])('that is answered %i and asked to wait (%s)', async (status, retryAfter, retryAfterMs) => {
    receiver.answer(status, { 'retry-after': retryAfter })
    expect(await sent(post(receiver.url))).toEqual({ code: status, error: `answered ${status}`, retryAfterMs })
  })

  it('that is not answered ends after its time, and names no path', async () => {
    receiver.answer('silent')
    expect(await sent(post(receiver.url), { withinMs: 100 })).toEqual({
      code: null,
      error: 'did not answer within 0.1 s',
      retryAfterMs: null,
    })
    const closed = post(receiver.url)
    await receiver.close()
    expect(await sent(closed)).toEqual({ code: null, error: 'could not be reached (ECONNREFUSED)', retryAfterMs: null })
    receiver = await startReceiver()
  })

  it('does not reach this machine where a setting does not let it, by address or by name', async () => {
    const off = { loopback: () => false }
    expect(await sent(post(receiver.url), off)).toMatchObject({ code: null, error: expect.stringContaining('not sent') })
    expect(await sent(post(receiver.url.replace('127.0.0.1', 'localhost')), off)).toMatchObject({ code: null })
    expect(receiver.received).toEqual([])
  })

  it('does not reach a name that has come to lead inside since it was looked at', async () => {
    const answers = ['127.0.0.1', '10.0.0.7', '169.254.169.254', '::ffff:127.0.0.1']
    let asked = 0
    const resolve: OutgoingOptions['resolve'] = (_, done) => done(null, [{ address: answers[asked++] ?? '', family: 4 }])
    const url = `https://rebinding.example:${receiver.port}/hook`
    const way = outgoing({ now: () => NOW, withinMs: 2_000, loopback: () => false, smtp: null, resolve })
    expect(way.obstacle('webhook', url)).toBeNull()
    for (const _ of answers) {
      expect(await way.send(post(url))).toEqual({
        code: null,
        error: 'its name leads to an address that is not public',
        retryAfterMs: null,
      })
    }
    await way.close()
    expect(asked).toBe(answers.length)
    expect(receiver.received).toEqual([])
  })

  it('is told that a name leads nowhere, and goes on: a lookup that fails gives no list of addresses', async () => {
    const nowhere = guardedLookup(isPublicAddress, (_, done) => done(new Error('getaddrinfo ENOTFOUND')))
    const outcome = await new Promise((resolve) => nowhere('nowhere.invalid', {}, (error) => resolve(error?.message)))
    expect(outcome).toBe('getaddrinfo ENOTFOUND')
  })

  it('is checked with the address that is used, each time anew', async () => {
    const answers = ['93.184.216.34', '10.0.0.7']
    const lookup = guardedLookup(isPublicAddress, (_, done) => done(null, [{ address: answers.shift() ?? '', family: 4 }]))
    const used = () => new Promise((resolve) => lookup('rebinding.example', {}, (error, address) => resolve(error?.name ?? address)))
    expect(await used()).toBe('93.184.216.34')
    expect(await used()).toBe('PrivateAddress')
  })

  it('does not reach a name of which only one address leads inside', async () => {
    const resolve: OutgoingOptions['resolve'] = (_, done) =>
      done(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    expect(await sent(post('https://two.example/'), { loopback: () => false, resolve })).toMatchObject({ code: null })
  })
})

describe('mail', () => {
  it('is handed in as it was made', async () => {
    const mails: string[] = []
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _, done) {
        let text = ''
        stream.on('data', (chunk) => {
          text += String(chunk)
        })
        stream.on('end', () => {
          mails.push(text)
          done()
        })
      },
    })
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    const { port } = server.server.address() as AddressInfo
    const smtp = { url: `smtp://127.0.0.1:${port}`, from: 'Purser <purser@example.com>' }
    const mail: Message = { kind: 'mail', to: 'ops@example.com', id: 'alert_1', subject: 'Agent a', text: 'One.\nTwo.\n' }
    expect(await sent(mail, { smtp })).toEqual({ code: 250, error: null, retryAfterMs: null })
    const [text = ''] = mails
    expect(text).toContain('From: Purser <purser@example.com>')
    expect(text).toContain('To: ops@example.com')
    expect(text).toContain('Subject: Agent a')
    expect(text).toContain('Message-ID: <alert_1@example.com>')
    expect(text).toContain('One.\r\nTwo.')
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect(await sent(mail, { smtp })).toMatchObject({ code: null, error: expect.stringContaining('could not be reached') })
  })

  it('that the server does not take is an error with its reply and without its words', async () => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_, __, done) => done(Object.assign(new Error('no such box, secret=1'), { responseCode: 550 })),
    })
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    const { port } = server.server.address() as AddressInfo
    const smtp = { url: `smtp://127.0.0.1:${port}`, from: 'purser@example.com' }
    const mail: Message = { kind: 'mail', to: 'nobody@example.com', id: 'alert_1', subject: 's', text: 't' }
    expect(await sent(mail, { smtp })).toEqual({ code: 550, error: 'the mail server replied 550', retryAfterMs: null })
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  it('is set up by a URL and a sender, both or neither', () => {
    expect(readSmtp(null, null)).toBeNull()
    expect(readSmtp('smtps://u:p@mail.example.com', 'Purser <p@example.com>')).toEqual({
      url: 'smtps://u:p@mail.example.com',
      from: 'Purser <p@example.com>',
    })
    expect(readSmtp('https://u:p@mail.example.com', 'p@example.com')).toMatch(/^PURSER_SMTP_URL must/)
    expect(readSmtp('smtp://mail.example.com', null)).toMatch(/^PURSER_SMTP_FROM must/)
    expect(readSmtp(null, 'p@example.com')).toMatch(/^PURSER_SMTP_URL must/)
    expect(readSmtp('smtp://mail.example.com', 'a\nBcc: b@example.com')).toMatch(/^PURSER_SMTP_FROM must/)
  })
})
