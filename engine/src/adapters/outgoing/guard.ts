import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * Addresses that are not on the public internet (IANA special-purpose registries): an outgoing request that a user can steer must not reach
 * them. One list per family, because a list takes every IPv4 address for one of `::ffff:0:0/96`.
 */
const NOT_PUBLIC_V4 = blocked('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
const LOOPBACK_V4 = blocked('ipv4', ['127.0.0.0/8'])
const NOT_PUBLIC_V6 = blocked('ipv6', [
  '::/128',
  '::1/128',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC_V4.check(address, 'ipv4')
  return isIPv6(address) && !NOT_PUBLIC_V6.check(address, 'ipv6')
}

/** An address of this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? LOOPBACK_V4.check(address, 'ipv4') : address === '::1'
}

/** The address in a URL that has one instead of a name, which is never looked up; null for a name. */
export function literalAddress(host: string): string | null {
  const address = host.startsWith('[') ? host.slice(1, -1) : host
  return isIP(address) === 0 ? null : address
}

/** Why a name was not resolved: it leads to an address that requests may not reach. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'
}

/** Resolves a name to all of its addresses, as `dns.lookup` does. */
export type Resolve = (host: string, done: (error: Error | null, addresses?: LookupAddress[]) => void) => void
export type Lookup = (host: string, options: LookupOptions, done: LookupDone) => void

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Resolves a host for one connection and refuses it when any of its addresses is not allowed. Given to the socket itself, so that the address
 * that was checked is the address that is used: a name that changes between a check and a connection gains nothing, nor does a redirect.
 */
export function guardedLookup(allowed: (address: string) => boolean, resolve?: Resolve): Lookup {
  return (host, options, done) => {
    // Where a name leads nowhere there are no addresses at all, not an empty list of them.
    const answered = (error: Error | null, addresses: LookupAddress[] = []): void => {
      const wrong = addresses.find(({ address }) => !allowed(address))
      const [first] = addresses
      if (error !== null) done(error, [])
      else if (wrong !== undefined || first === undefined)
        done(new PrivateAddress(`${host} leads to ${wrong?.address ?? 'no address'}, which is not public`), [])
      else if (options.all === true) done(null, addresses)
      else done(null, first.address, first.family)
    }
    if (resolve !== undefined) resolve(host, answered)
    else lookup(host, { ...options, all: true }, answered)
  }
}

export const publicLookup: Lookup = guardedLookup(isPublicAddress)

function blocked(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
