import { beforeEach, expect, test } from 'vitest'
import { Anchor } from './anchor'

let anchor: Anchor
const height = 600

beforeEach(() => {
  anchor = new Anchor()
  anchor.moved({ offset: 1400, height, total: 2000 }, false)
})

test('who is at the end stays there while text comes', () => {
  expect(anchor.grew()).toBe(true)
  anchor.moved({ offset: 1400, height, total: 2200 }, false)
  expect(anchor.grew()).toBe(true)
})

test('who scrolls up is never dragged down, but told of new text', () => {
  anchor.moved({ offset: 900, height, total: 2000 }, true)
  expect(anchor.grew()).toBe(false)
  expect(anchor.newText).toBe(true)
})

test('who turns the wheel up is let go at once, before the growing text moves them back', () => {
  anchor.release()
  anchor.moved({ offset: 1400, height, total: 2000 }, true)
  expect(anchor.grew()).toBe(false)
  anchor.moved({ offset: 1380, height, total: 2000 }, true)
  expect(anchor.following).toBe(false)
})

test('a scroll to the end of grown text that is told of late does not take a reader back who has let go', () => {
  anchor.release()
  anchor.moved({ offset: 1500, height, total: 2100 }, true)
  expect(anchor.following).toBe(false)
  anchor.moved({ offset: 1100, height, total: 2100 }, true)
  expect(anchor.grew()).toBe(false)
})

test('nor does one whose new height was told of before', () => {
  anchor.moved({ offset: 1400, height, total: 2100 }, false)
  anchor.release()
  anchor.moved({ offset: 1500, height, total: 2100 }, true)
  expect(anchor.following).toBe(false)
})

test('nor does one after the reader was seen further up', () => {
  anchor.release()
  anchor.moved({ offset: 1200, height, total: 2100 }, true)
  anchor.moved({ offset: 1700, height, total: 2300 }, true)
  expect(anchor.following).toBe(false)
})

test('a small move up is enough, and a move down to the end follows again', () => {
  anchor.release()
  anchor.moved({ offset: 1390, height, total: 2000 }, true)
  expect(anchor.following).toBe(false)
  anchor.headsDown()
  anchor.moved({ offset: 1400, height, total: 2000 }, true)
  expect(anchor.following).toBe(true)
})

test('coming back to the end follows again and takes the note away', () => {
  anchor.moved({ offset: 900, height, total: 2000 }, true)
  anchor.grew()
  anchor.moved({ offset: 1380, height, total: 2000 }, true)
  expect(anchor.newText).toBe(false)
  expect(anchor.grew()).toBe(true)
})

test('a text that shrinks does not let go of the end', () => {
  anchor.moved({ offset: 1100, height, total: 1850 }, true)
  expect(anchor.following).toBe(true)
})

test('a text that grows beneath a reader at the end does not let go either', () => {
  anchor.moved({ offset: 1400, height, total: 2600 }, true)
  expect(anchor.following).toBe(true)
})

test('sending something goes to the end from anywhere', () => {
  anchor.moved({ offset: 0, height, total: 2000 }, true)
  anchor.toEnd()
  expect(anchor.grew()).toBe(true)
})

test('older pages are asked for four heights before the top', () => {
  expect(anchor.wantsOlder({ offset: 2500, height, total: 9000 })).toBe(false)
  expect(anchor.wantsOlder({ offset: 2300, height, total: 9000 })).toBe(true)
})
