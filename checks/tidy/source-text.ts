import type { SourceFile } from './rule.ts'

const SOURCE = /\.(?:ts|tsx|mts|js|mjs)$/
const TEST = /\.(?:test|fuzz|bench)\.tsx?$/

export function isSource(file: SourceFile): boolean {
  return SOURCE.test(file.path)
}

export function isTest(file: SourceFile): boolean {
  return TEST.test(file.path)
}

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<literal>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:;!&|?{}[\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[dgimsuvy]*)/g

/** The text with comments blanked out; every other character keeps its line and column. */
export function withoutComments(text: string): string {
  return text.replace(TOKEN, (token: string, comment: string | undefined) => (comment === undefined ? token : blank(token)))
}

/** The text with comments and the contents of strings, templates and regular expressions blanked out: code alone. */
export function codeOnly(text: string): string {
  return text.replace(TOKEN, (token: string, comment: string | undefined) =>
    comment === undefined && token.length > 1 ? `${token.charAt(0)}${blank(token.slice(1, -1))}${token.at(-1) ?? ''}` : blank(token),
  )
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

/** Line number, from 1, of an index into a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
