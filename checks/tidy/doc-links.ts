import { posix } from 'node:path'
import type { Rule, SourceFile, Violation } from './rule.ts'
import { lineAt } from './source-text.ts'

const LINK = /!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g

/** Every relative link in a document leads to a file or folder of the repository, and every anchor to a heading. */
export const docLinks: Rule = {
  name: 'links of documents',
  check: (files) => {
    const places = placesOf(files)
    const documents = new Map(files.filter((file) => file.path.endsWith('.md')).map((file) => [file.path, file]))
    let seen = 0
    const violations: Violation[] = []
    for (const document of documents.values()) {
      const text = withoutCode(document.text)
      for (const match of text.matchAll(LINK)) {
        const href = match[1] ?? ''
        if (/^[a-z][a-z0-9+.-]*:/i.test(href)) continue
        seen += 1
        const message = whyBroken(href, document, places, documents)
        if (message !== null) violations.push({ path: document.path, line: lineAt(text, match.index), message })
      }
    }
    return { seen, unit: 'links', violations }
  },
}

function whyBroken(href: string, from: SourceFile, places: ReadonlySet<string>, documents: ReadonlyMap<string, SourceFile>): string | null {
  const [path = '', anchor] = href.split('#')
  const target =
    path === '' ? from.path : posix.normalize(posix.join(posix.dirname(from.path), decodeURIComponent(path))).replace(/\/$/, '')
  if (!places.has(target)) return `links to ${href}, which is not there`
  const document = documents.get(target)
  if (anchor === undefined || document === undefined) return null
  return anchorsOf(document.text).has(anchor) ? null : `links to ${href}, but there is no such heading`
}

/** All files, and all folders that hold one. */
function placesOf(files: readonly SourceFile[]): ReadonlySet<string> {
  const places = new Set<string>(['.'])
  for (const { path } of files) {
    for (let place = path; place !== '.' && place !== '/'; place = posix.dirname(place)) places.add(place)
  }
  return places
}

/** Anchors as GitHub makes them from headings: lower case, punctuation dropped, spaces to hyphens. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text, false).matchAll(/^#{1,6}\s+(.+?)\s*$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  )
}

function withoutCode(text: string, inline = true): string {
  const fenced = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ' '))
  return inline ? fenced.replace(/`[^`\n]*`/g, (code) => ' '.repeat(code.length)) : fenced
}
