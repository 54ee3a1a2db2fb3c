import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A request before it is signed, and what its signature is to say. */
export interface ToSign {
  readonly method: string
  readonly url: string
  readonly host: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** In seconds. */
  readonly created: number
  readonly components?: readonly string[]
  /** After `created`; a parameter that is null is left out. */
  readonly parameters?: Readonly<Record<string, string | number | null>>
  readonly keyId: string
  readonly label?: string
  readonly scheme?: string
}

/** Signs by RFC 9421 written out by hand, sharing no code with the server or the SDK. Gives all headers to send, without `host`. */
export function signRequest(key: KeyObject, request: ToSign): Record<string, string> {
  const { method, url, host, body, created, keyId, label = 'sig1', scheme = 'http' } = request
  const headers: Record<string, string> = { ...request.headers }
  if (body !== undefined) headers['content-digest'] ??= `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const components = request.components ?? ['@method', '@target-uri', ...(body === undefined ? [] : ['content-digest'])]
  const parameters = Object.entries({
    created,
    keyid: keyId,
    nonce: randomBytes(12).toString('hex'),
    alg: 'ed25519',
    ...request.parameters,
  })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `;${name}=${typeof value === 'number' ? value : `"${value}"`}`)
    .join('')
  const input = `(${components.map((name) => `"${name}"`).join(' ')})${parameters}`
  const [path = '', query] = url.split('?', 2)
  const derived: Readonly<Record<string, string>> = {
    '@method': method,
    '@target-uri': `${scheme}://${host}${url}`,
    '@authority': host.toLowerCase(),
    '@path': path,
    '@query': `?${query ?? ''}`,
  }
  const lines = components.map((name) => `"${name}": ${derived[name] ?? headers[name] ?? ''}`)
  const base = [...lines, `"@signature-params": ${input}`].join('\n')
  return {
    ...headers,
    'signature-input': `${label}=${input}`,
    signature: `${label}=:${sign(null, Buffer.from(base), key).toString('base64')}:`,
  }
}
