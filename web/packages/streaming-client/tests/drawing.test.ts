import { describe, expect, test } from 'vitest'

import { BEAT_MOST_MS, DRAIN_MS, Pen } from '../src/drawing'
import { dice } from './hands'

const FRAME_MS = 1000 / 60

/** Draws frames of `size` letters each `gap(n)` ms for a while; the letters drawn at each of the screen's frames. */
function drawn(gap: (nth: number) => number, { seconds = 12, size = () => 40 } = {}): { steps: number[]; pen: Pen } {
  const pen = new Pen()
  const steps: number[] = []
  let due = 0
  let nth = 0
  for (let now = 0; now < seconds * 1000; now += FRAME_MS) {
    while (due <= now) {
      pen.push('y'.repeat(size()), due)
      due += gap(nth++)
    }
    steps.push(pen.draw(now).length)
  }
  return { steps, pen }
}

/** The longest stretch without a letter, in ms. */
function longestPause(steps: number[]): number {
  let [longest, now] = [0, 0]
  for (const step of steps) {
    now = step === 0 ? now + 1 : 0
    longest = Math.max(longest, now)
  }
  return longest * FRAME_MS
}

describe('at a steady rhythm the pen never stands still, and never races', () => {
  test.each([50, 100, 180, 250, 400, 600, 800])('frames every %i ms', (gap) => {
    const { steps } = drawn(() => gap)
    const settled = steps.slice(Math.floor((gap * 6) / FRAME_MS))
    const even = (40 / gap) * FRAME_MS
    expect(longestPause(settled)).toBeLessThanOrEqual(Math.max(2 * FRAME_MS, gap / 20))
    expect(Math.max(...settled)).toBeLessThanOrEqual(Math.ceil(even * 1.5) + 1)
  })

  test('a rhythm that slows down with the reply is kept up with', () => {
    const { steps } = drawn((nth) => Math.min(600, 100 + nth * 10), { seconds: 30 })
    expect(longestPause(steps.slice(60))).toBeLessThanOrEqual(50)
  })

  test('a fifth of jitter does not stop it', () => {
    const roll = dice(3)
    const { steps } = drawn(() => 300 * (0.8 + roll() * 0.4), { seconds: 30 })
    const pauses = steps.slice(120).filter((step) => step === 0).length
    expect(pauses / steps.length).toBeLessThan(0.05)
  })

  test("the model's silence is no rhythm: what follows it is drawn as before", () => {
    const { pen } = drawn((nth) => (nth === 30 ? 8_000 : 100), { seconds: 14 })
    expect(pen.beat).toBeLessThan(130)
  })
})

test('however seldom frames come, the pen is never further behind than a second', () => {
  const pen = new Pen()
  let shown = 0
  let arrived = 0
  const late: [number, number][] = []
  for (let now = 0; now < 60_000; now += 20) {
    if (now % 3_000 === 0) {
      pen.push('y'.repeat(100), now)
      arrived += 100
      late.push([now + BEAT_MOST_MS + 20, arrived])
    }
    shown += pen.draw(now).length
    for (const [due, upto] of late) if (now >= due) expect(shown).toBeGreaterThanOrEqual(upto)
  }
})

test.each([100, 300, 600])('when the reply has ended, the backlog is drained within 300 ms, evenly (beat %i ms)', (gap) => {
  const { pen } = drawn(() => gap, { seconds: 6 })
  pen.push('x'.repeat(300), 6_000)
  pen.finish(6_010)
  const left = pen.pending
  const steps: number[] = []
  for (let now = 6_010; now <= 6_010 + DRAIN_MS + FRAME_MS; now += FRAME_MS) steps.push(pen.draw(now).length)
  expect(steps.reduce((a, b) => a + b)).toBe(left)
  expect(pen.pending).toBe(0)
})

test('what comes after the end is drained within 300 ms as well', () => {
  const { pen } = drawn(() => 600, { seconds: 6 })
  pen.finish(6_000)
  pen.push('late', 6_100)
  pen.draw(6_100 + DRAIN_MS)
  expect(pen.pending).toBe(0)
})

test('what is drawn is what was pushed', () => {
  const pen = new Pen()
  let drawn = ''
  let pushed = ''
  for (let i = 0; i < 100; i++) {
    const piece = i % 3 ? 'word ' : '龙🐉'
    pen.push(piece, i * 40)
    pushed += piece
    drawn += pen.draw(i * 40 + 30)
  }
  expect(drawn + pen.draw(1e9)).toBe(pushed)
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

test('what was there before is not drawn again', () => {
  const pen = new Pen()
  pen.push('gone', 0)
  pen.reset('all of it')
  expect(pen.draw(1_000)).toBe('')
  pen.push(' and more', 1_000)
  expect(pen.draw(3_000)).toBe(' and more')
})
