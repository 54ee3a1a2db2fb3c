import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchText } from './fetch-text.ts'
import { isPublicAddress, publicLookup } from './guard.ts'

const LIMITS = { bytesMax: 10_000, withinMs: 2_000 }
let server: Server | null = null

afterEach(async () => {
  server?.close()
  server?.closeAllConnections()
  server = null
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function fetched(url: string, privateAddresses: boolean): Promise<string> {
  const outgoing = fetchText({ ...LIMITS, privateAddresses })
  const result = await outgoing.fetchText(url)
  await outgoing.close()
  return result.ok ? result.value : result.error.detail
}

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '100.128.0.1'])('%s is public', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  )

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('fetchText', () => {
  it('fetches a text', async () => {
    const url = await serve((_, response) => response.end('{"a":1}'))
    expect(await fetched(url, true)).toBe('{"a":1}')
  })

  it.each([
    ['an address of this machine', (port: string) => `http://127.0.0.1:${port}/`],
    ['the same in another spelling', (port: string) => `http://2130706433:${port}/`],
    ['the same over IPv6', (port: string) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['a name that leads to it', (port: string) => `http://localhost:${port}/`],
  ])('does not reach %s', async (_, address) => {
    let reached = false
    const url = await serve((__, response) => {
      reached = true
      response.end('secret')
    })
    expect(await fetched(address(new URL(url).port), false)).toContain('public')
    expect(reached).toBe(false)
  })

  it('follows redirects, each of them checked, and not for ever', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/end') return response.end('there')
      return response.writeHead(302, { location: request.url === '/loop' ? '/loop' : '/end' }).end()
    })
    expect(await fetched(`${url}/start`, true)).toBe('there')
    expect(await fetched(`${url}/loop`, true)).toContain('redirects more than')
  })

  it('stops at its size, refuses other answers and other protocols', async () => {
    const url = await serve((request, response) =>
      request.url === '/large' ? response.end('x'.repeat(20_000)) : response.writeHead(404).end('no'),
    )
    expect(await fetched(`${url}/large`, true)).toContain('could not be fetched')
    expect(await fetched(`${url}/none`, true)).toContain('answered 404')
    expect(await fetched('file:///etc/hostname', true)).toContain('not an http')
    expect(await fetched('nonsense', true)).toContain('not an http')
  })
})

describe('publicLookup', () => {
  it('refuses a name of this machine', async () => {
    const error = await new Promise<Error | null>((resolve) => publicLookup('localhost', {}, resolve))
    expect(error?.message).toContain('not public')
  })
})
