import type { Channel } from '../../alerts/index.ts'
import { isLoopbackAddress, isPublicAddress, literalAddress } from './guard.ts'

/** Which targets may be reached: the public internet, and this machine where a setting lets it. */
export interface Reach {
  readonly loopback: () => boolean
  readonly mail: boolean
}

const MAIL_ADDRESS = /^mailto:[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/
const LOOPBACK_NAME = /^(?:localhost|.+\.localhost)$/

/**
 * Why nothing may be sent to an address, in words for its owner; null when it may. Where a name leads is seen when a connection is made, each
 * time anew.
 */
export function targetObstacle(reach: Reach, channel: Channel, text: string): string | null {
  if (channel === 'email') {
    if (!reach.mail) return 'this server sends no mail; set PURSER_SMTP_URL and PURSER_SMTP_FROM'
    return MAIL_ADDRESS.test(text) ? null : 'a mail address is written as mailto:name@example.com, one address'
  }
  if (!URL.canParse(text)) return 'it is not an address such as https://example.com/alerts'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'an address with a user name or password is not taken; messages are signed instead'
  const own = isOwnMachine(url.hostname)
  if (own && !reach.loopback()) return 'it is an address of the server itself, which only local mode without keys allows'
  if (url.protocol !== 'https:' && !(own && url.protocol === 'http:')) return 'it must begin with https://'
  const address = literalAddress(url.hostname)
  return own || address === null || isPublicAddress(address) ? null : 'it is not a public address'
}

/** Whether a connection may be made to an address that a name has led to. */
export function mayConnect({ loopback }: Reach, address: string): boolean {
  return isPublicAddress(address) || (isLoopbackAddress(address) && loopback())
}

function isOwnMachine(host: string): boolean {
  const address = literalAddress(host)
  return address === null ? LOOPBACK_NAME.test(host) : isLoopbackAddress(address)
}
