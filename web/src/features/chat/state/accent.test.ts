import { expect, test } from 'vitest'
import { contrastOf, LEAST_CONTRAST, readable } from './accent'

const PAPER = '#faf7f1'
const NIGHT = '#171512'

test.each(['#ffff00', '#00ff99', '#000000', '#ffffff', '#b4532a', '#123456', '#ff69b4'])('%s can be read on both grounds', (accent) => {
  for (const ground of [PAPER, NIGHT]) expect(contrastOf(readable(accent, ground)!, ground)).toBeGreaterThanOrEqual(LEAST_CONTRAST)
})

test('a colour that can be read stays as it is', () => {
  expect(readable('#8a2f12', PAPER)).toBe('#8a2f12')
})

test('what is no colour is none', () => {
  expect(readable('red; background: url(x)', PAPER)).toBeNull()
  expect(readable(null, PAPER)).toBeNull()
})
