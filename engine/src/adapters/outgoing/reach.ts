import { request } from 'undici'

/**
 * Asks an address that the operator has configured whether it answers, and with which status; the body is left unread. Not behind the guard against private
 * addresses: what it is asked about comes from the environment of the process and from nobody else.
 */
export function reach(withinMs: number): (url: string) => Promise<number> {
  return async (url) => {
    const { statusCode, body } = await request(url, { method: 'GET', signal: AbortSignal.timeout(withinMs) })
    body.on('error', () => undefined)
    body.destroy()
    return statusCode
  }
}
