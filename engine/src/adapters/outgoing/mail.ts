import type { Message, Sent } from '../../alerts/index.ts'

type Mail = Extract<Message, { kind: 'mail' }>

/** Where mail is handed in, and whom it is from. The URL holds a password: it is neither shown nor logged. */
export interface SmtpAccount {
  readonly url: string
  readonly from: string
}

interface Transport {
  sendMail(mail: object): Promise<{ readonly response?: string }>
  close(): void
}

/** Hands mail in by SMTP. The server is the operator's own choice, so no guard stands before it. */
export function mailer(account: SmtpAccount, withinMs: number): { mail(message: Mail): Promise<Sent>; close(): void } {
  let transport: Promise<Transport> | null = null
  return {
    mail: async (message) => {
      transport ??= openTransport(account, withinMs)
      return handIn(await transport, account, message)
    },
    close: () => {
      transport?.then((opened) => opened.close()).catch(() => null)
    },
  }
}

/** Loaded with the first mail: most programs never send one. */
async function openTransport({ url }: SmtpAccount, withinMs: number): Promise<Transport> {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url,
    connectionTimeout: withinMs,
    greetingTimeout: withinMs,
    socketTimeout: withinMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

async function handIn(transport: Transport, { from }: SmtpAccount, { to, id, subject, text }: Mail): Promise<Sent> {
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>.*$/, '')
  const mail = { from, to, subject, text, messageId: `<${id}@${domain}>`, headers: { 'auto-submitted': 'auto-generated' } }
  try {
    const { response = '' } = await transport.sendMail(mail)
    return { code: replyCode(response), error: null, retryAfterMs: null }
  } catch (error) {
    const { responseCode, code } = error as { responseCode?: unknown; code?: unknown }
    const reply = typeof responseCode === 'number' ? responseCode : null
    const words =
      reply === null ? `the mail server could not be reached (${String(code ?? 'no reply')})` : `the mail server replied ${reply}`
    return { code: reply, error: words, retryAfterMs: null }
  }
}

function replyCode(response: string): number | null {
  const code = Number(response.slice(0, 3))
  return Number.isInteger(code) && code > 0 ? code : null
}

/** Reads `PURSER_SMTP_URL` and `PURSER_SMTP_FROM`; the text says what is wrong with them, and repeats no password. */
export function readSmtp(url: string | null, from: string | null): SmtpAccount | null | string {
  if (url === null && from === null) return null
  if (url === null || !URL.canParse(url) || !['smtp:', 'smtps:'].includes(new URL(url).protocol)) {
    return 'PURSER_SMTP_URL must be an address such as smtps://user:password@mail.example.com'
  }
  if (from === null || !/^[^\r\n]*[^\s@<]@[^\s@>]+>?$/.test(from)) {
    return 'PURSER_SMTP_FROM must be a mail address, such as Purser <purser@example.com>'
  }
  return { url, from }
}
