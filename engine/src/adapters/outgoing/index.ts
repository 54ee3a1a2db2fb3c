export { type FetchTextOptions, fetchText } from './fetch-text.ts'
