import { describe, expect, it } from 'vitest'
import { isWellFormedText, wellFormedText } from './text.ts'

describe('text that UTF-8 can keep', () => {
  it.each([
    ['', true, ''],
    ['gpt-4o', true, 'gpt-4o'],
    ['modèle-数', true, 'modèle-数'],
    ['🚀', true, '🚀'],
    ['\uFFFD', true, '\uFFFD'],
    ['a\ud800', false, 'a\uFFFD'],
    ['\udc00b', false, '\uFFFDb'],
    ['\udc00\ud800', false, '\uFFFD\uFFFD'],
    ['\ud83d\ud83d\ude80', false, '\uFFFD🚀'],
  ])('%j: %s', (text, fine, kept) => {
    expect(isWellFormedText(text)).toBe(fine)
    expect(wellFormedText(text)).toBe(kept)
    expect(Buffer.from(wellFormedText(text), 'utf8').toString('utf8')).toBe(kept)
  })
})
