import { expect, test } from 'vitest'

import { DRAIN_MS, Pen } from '../src/drawing'

const FRAME_MS = 16

test('a backlog is drained within 300 ms, evenly', () => {
  const pen = new Pen()
  pen.push('x'.repeat(300), 0)
  const steps: number[] = []
  for (let now = FRAME_MS; now <= DRAIN_MS + FRAME_MS; now += FRAME_MS) steps.push(pen.draw(now).length)
  expect(steps.reduce((a, b) => a + b)).toBe(300)
  expect(Math.max(...steps)).toBeLessThanOrEqual(20)
})

test('text that keeps coming is never more than 300 ms behind', () => {
  const pen = new Pen()
  let shown = 0
  for (let now = 0; now < 5_000; now += 10) {
    if (now % 250 === 0) pen.push('y'.repeat(40), now)
    if (now % 20 === 0) shown += pen.draw(now).length
    const arrivedBefore = Math.floor((now - DRAIN_MS - 20) / 250 + 1) * 40
    expect(shown).toBeGreaterThanOrEqual(Math.min(arrivedBefore, shown + pen.pending))
  }
})

test('what is drawn is what was pushed', () => {
  const pen = new Pen()
  let drawn = ''
  for (let i = 0; i < 100; i++) {
    pen.push(i % 3 ? 'word ' : '龙🐉', i * 40)
    drawn += pen.draw(i * 40 + 30)
  }
  expect(drawn + pen.flush()).toBe(pen.whole)
})

test('a surrogate pair is never torn', () => {
  const pen = new Pen()
  pen.push('🐉'.repeat(50), 0)
  for (let now = 1; now < 400; now += 3) expect(pen.draw(now)).not.toMatch(/[\uD800-\uDBFF]$/)
})

test('with reduced motion everything is there at once', () => {
  const pen = new Pen(() => true)
  pen.push('a long text', 0)
  expect(pen.draw(1)).toBe('a long text')
})
