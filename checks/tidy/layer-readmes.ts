import type { Rule, Violation } from './rule.ts'
import { isSource } from './source-text.ts'

const LINES_MAX = 80
/** Places that a newcomer enters by their README: every workspace, and every folder directly under `engine/src`. */
const WORKSPACE = /^(?:contract|engine|sdk|web|conformance)(?=\/)/
const LAYER = /^engine\/src\/[^/]+(?=\/)/

/** Each layer says on one page what it models, what it owns, and what always holds. */
export const layerReadmes: Rule = {
  name: 'a README per layer',
  check: (files) => {
    const texts = new Map(files.map((file) => [file.path, file.text]))
    const rooms = new Set<string>()
    for (const file of files) {
      const workspace = WORKSPACE.exec(file.path)?.[0]
      const layer = isSource(file) ? LAYER.exec(file.path)?.[0] : undefined
      for (const room of [workspace, layer]) if (room !== undefined) rooms.add(room)
    }
    const violations = [...rooms].sort().flatMap((room): Violation[] => {
      const text = texts.get(`${room}/README.md`)
      if (text === undefined) return [{ path: room, message: 'has no README.md' }]
      const lines = text.trimEnd().split('\n').length
      return lines <= LINES_MAX ? [] : [{ path: `${room}/README.md`, message: `has ${lines} lines; a page is ${LINES_MAX}` }]
    })
    return { seen: rooms.size, unit: 'layers', violations }
  },
}
