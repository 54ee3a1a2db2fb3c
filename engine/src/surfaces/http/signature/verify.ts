import { type KeyObject, verify } from 'node:crypto'
import {
  type FieldOccurrence,
  isSignatureError,
  SignatureErrorCode,
  type UntrustedSignatureCandidate,
  type Verifier,
  verifySignature,
} from 'http-message-sig'
import { parseDictionary } from 'structured-headers'
import { fail, ok, type Refusal, type Result, refusal } from '../../../kernel/index.ts'
import type { SignedMessage } from './message.ts'

/** Our own label, looked for where a request carries the signatures of others too (of a proxy, say). */
const LABEL = 'purser'

/**
 * Verifies the Ed25519 signature of a request (RFC 9421). `admit` is asked first, with what the signature claims: it gives the public key to verify with,
 * or refuses; what it gave is the answer. What is verified is the request as it was received. Refuses `invalid_signature`, or what `admit`
 * refuses with.
 */
export async function verifyMessage<Signer extends { readonly publicKey: KeyObject }>(
  message: SignedMessage,
  admit: Admit<Signer>,
): Promise<Result<Signer>> {
  const label = labelIn(message)
  // TLS may end before us, and then the scheme is the one thing about the address that is not seen here.
  const plain = await verifyAs(message, 'http', label, admit)
  return plain.ok || plain.error !== WRONG ? plain : verifyAs(message, 'https', label, admit)
}

type Admit<Signer> = (candidate: UntrustedSignatureCandidate) => Result<Signer>

async function verifyAs<Signer extends { readonly publicKey: KeyObject }>(
  message: SignedMessage,
  scheme: string,
  label: string | undefined,
  admit: Admit<Signer>,
): Promise<Result<Signer>> {
  const { method, host, url } = message
  try {
    const { verifier } = await verifySignature(
      { kind: 'request', method, targetUri: `${scheme}://${host}${url}`, fields: coveredFields(message) },
      {
        ...(label === undefined ? {} : { label }),
        policy: { algorithms: ['ed25519'], requiredComponents: [], requiredParameters: [], clockSkew: ANY_SKEW },
        resolveVerifier: (candidate) => verifierOf(admit(candidate)),
      },
    )
    return ok(verifier.signer)
  } catch (error) {
    return fail(refusalOf(error))
  }
}

/** Times are judged by `admit`, which says by how much they are wrong; the library would say only that they are. */
const ANY_SKEW = Number.MAX_SAFE_INTEGER

const WRONG: Refusal = refusal('invalid_signature', 'the signature is not that of this request under this key')

function verifierOf<Signer extends { readonly publicKey: KeyObject }>(signer: Result<Signer>): Verifier & { readonly signer: Signer } {
  if (!signer.ok) throw new NotAdmitted(signer.error)
  const { publicKey } = signer.value
  return { signer: signer.value, algorithm: 'ed25519', verify: (data, signature) => verify(null, data, publicKey, signature) }
}

class NotAdmitted extends Error {
  override readonly name = 'NotAdmitted'
  readonly refusal: Refusal

  constructor(refused: Refusal) {
    super(refused.detail)
    this.refusal = refused
  }
}

function refusalOf(error: unknown): Refusal {
  if (!isSignatureError(error)) throw error
  if (error.cause instanceof NotAdmitted) return error.cause.refusal
  if (error.code === SignatureErrorCode.ResolverFailed) throw error.cause
  return error.code === SignatureErrorCode.VerificationFailed
    ? WRONG
    : refusal('invalid_signature', `the signature cannot be used: ${error.message}`)
}

/** Fields that no signature names stay out: one that is not ASCII would make the others unreadable. */
function coveredFields({ fields }: SignedMessage): FieldOccurrence[] {
  const inputs = valuesOf(fields, 'signature-input')
  return fields.filter(({ name }) => {
    const lower = name.toLowerCase()
    return lower === 'signature' || lower === 'signature-input' || inputs.includes(`"${lower}"`)
  })
}

function labelIn({ fields }: SignedMessage): string | undefined {
  try {
    const labels = parseDictionary(valuesOf(fields, 'signature-input'))
    return labels.size > 1 ? LABEL : undefined
  } catch {
    return undefined
  }
}

function valuesOf(fields: readonly FieldOccurrence[], wanted: string): string {
  return fields.flatMap(({ name, value }) => (name.toLowerCase() === wanted ? [value] : [])).join(', ')
}
