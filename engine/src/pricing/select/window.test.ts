import { describe, expect, it } from 'vitest'
import { parseInstant } from '../../kernel/index.ts'
import { cardProblems } from '../gate/check-card.ts'
import { cardWith, truthTable } from '../test-cards.ts'
import { inWindow, type Window } from './window.ts'

type Case = Window & { readonly at: string; readonly inside: boolean; readonly why?: string }
const table = truthTable<{ cases: readonly Case[]; invalid: readonly Window[] }>('windows')

describe('daily windows', () => {
  for (const { at, inside, why, ...window } of table.cases) {
    it(`${at} is ${inside ? 'in' : 'out of'} ${window.from}-${window.to} ${window.zone} ${window.days ?? ''}${why === undefined ? '' : `: ${why}`}`, () => {
      const instant = parseInstant(at)
      expect(instant).not.toBeNull()
      expect(inWindow(window, instant!)).toBe(inside)
    })
  }

  for (const window of table.invalid) {
    it(`a card with ${window.from}-${window.to} ${window.zone} is refused`, () => {
      const problems = cardProblems(cardWith({ rates: [{ meter: 'input', price: '1', per: 1, when: { window } }] }))
      expect(problems.map((problem) => problem.code)).toEqual(['wrong_window'])
    })
  }
})
