import { expect, it } from 'vitest'
import { conditionText } from './conditions.ts'

it.each([
  [{ tier: ['batch', 'flex'] }, 'tier batch or flex'],
  [
    { tier: ['standard'], bracket: { basis: 'input_total', op: 'gte', at: 272_000, mode: 'whole' } },
    'tier standard, from 272,000 input tokens on',
  ],
  [{ bracket: { basis: 'output_total', op: 'gt', at: 1_000, mode: 'marginal' } }, 'above 1,000 output tokens, for those tokens only'],
  [{ window: { zone: 'UTC', from: '16:30:00', to: '00:30:00', days: [1, 7] } }, '16:30 to 00:30 UTC on Mon, Sun'],
  [{ searchContext: ['low'], region: ['eu'] }, 'search context low, region eu'],
  [{ mood: { good: true } }, 'mood {"good":true}'],
])('%j', (when, text) => expect(conditionText(when)).toBe(text))
