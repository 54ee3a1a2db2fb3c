export { fetchText } from './fetch-text.ts'
export { readSmtp, type SmtpAccount } from './mail.ts'
export { outgoing } from './outgoing.ts'
export { reach } from './reach.ts'
