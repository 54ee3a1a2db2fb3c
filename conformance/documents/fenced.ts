import { spawn } from 'node:child_process'

/** A fenced block of a document in Markdown. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Where it begins, from 1. */
  readonly line: number
}

/** The fenced blocks of a document, in order. A fence that is not closed reaches to the end, as readers of Markdown take it. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: { language: string; lines: string[]; line: number } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*```\s*([\w-]*)/.exec(line)
    if (open === null) {
      if (fence !== null) open = { language: fence[1] ?? '', lines: [], line: index + 1 }
    } else if (fence !== null) {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line })
      open = null
    } else open.lines.push(line)
  }
  if (open !== null) blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line })
  return blocks
}

export interface Document {
  readonly name: string
  readonly markdown: string
}

/** What running a document's commands came to: one entry for each `sh` block. */
export interface BlockRun {
  readonly where: string
  readonly command: string
  readonly output: string
  readonly faults: readonly string[]
}

const PROBLEM = '"type":"urn:purser:problem:'

/**
 * Runs the `sh` blocks of documents in one shell, one after the other, as a reader would who goes through them. A block fails when its last command
 * does; when it is followed by a `json` block and its output does not hold that (texts of `…` stand for any text); and when it is not, and its output is a
 * problem document.
 */
export async function runDocuments(
  documents: readonly Document[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<BlockRun[]> {
  const steps = documents.flatMap(({ name, markdown }) => {
    const blocks = blocksOf(markdown)
    return blocks.flatMap((block, index) => {
      if (block.language !== 'sh') return []
      const next = blocks[index + 1]
      return [{ where: `${name}:${block.line}`, command: block.text, expected: next?.language === 'json' ? next.text : null }]
    })
  })
  const mark = '@@purser-block@@'
  const script = steps.map(({ command }) => `{\n${command}\n}\nprintf '\\n${mark} %s\\n' "$?"\n`).join('')
  const { out, err } = await shell(script, cwd, env)
  const pieces = out.split(mark)
  return steps.map(({ where, command, expected }, index) => {
    const output = (index === 0 ? (pieces[0] ?? '') : (pieces[index] ?? '').replace(/^ \d+\n/, '')).trim()
    const code = /^ (\d+)\n/.exec(pieces[index + 1] ?? '')?.[1]
    return { where, command, output, faults: faultsOf({ code, output, expected, err }) }
  })
}

function faultsOf(run: { code: string | undefined; output: string; expected: string | null; err: string }): string[] {
  const { code, output, expected, err } = run
  if (code === undefined) return [`did not end: ${err.trim()}`]
  const faults = code === '0' ? [] : [`ended with ${code}: ${err.trim()}`]
  if (expected === null) return output.includes(PROBLEM) ? [...faults, `was refused: ${output}`] : faults
  try {
    return [...faults, ...differences(JSON.parse(output), JSON.parse(expected), '')]
  } catch (error) {
    return [...faults, `is not JSON: ${(error as Error).message}: ${output.slice(0, 200)}`]
  }
}

/** Where what came does not hold what was expected: members that are not mentioned may be anything. */
function differences(actual: unknown, expected: unknown, path: string): string[] {
  if (expected === '…') return typeof actual === 'string' ? [] : [`${path} is ${JSON.stringify(actual)}, and not a text`]
  if (typeof expected !== 'object' || expected === null) {
    return actual === expected ? [] : [`${path} is ${JSON.stringify(actual)}, and not ${JSON.stringify(expected)}`]
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) {
    return [`${path} is ${JSON.stringify(actual)}, and not like ${JSON.stringify(expected)}`]
  }
  return Object.entries(expected).flatMap(([key, value]) => differences((actual as Record<string, unknown>)[key], value, `${path}/${key}`))
}

function shell(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-u'], { cwd, env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const said = { out: '', err: '' }
    child.stdout.on('data', (piece: Buffer) => {
      said.out += piece.toString('utf8')
    })
    child.stderr.on('data', (piece: Buffer) => {
      said.err += piece.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', () => resolve(said))
    child.stdin.end(script)
  })
}
