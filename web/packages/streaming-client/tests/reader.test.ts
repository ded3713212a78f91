import { beforeEach, expect, test } from 'vitest'

import { HUSH_MOST_MS, Reader, SILENCE_MS, UNKNOWN_HELD_MS, type ReaderEvent } from '../src/reader'
import type { RefusedFrame } from '../src/frames'
import { end, facts, piece, snapshot, start } from './frames.builders'

let reader: Reader

beforeEach(() => {
  reader = new Reader()
  reader.connected(0)
  reader.follow('chat1', 1)
  reader.takeFrames()
})

function texts(events: ReaderEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

test('pieces of a generation that is not known yet are held until it is', () => {
  reader.receive(piece(1, 1, 'Hel'), 0)
  reader.receive(piece(2, 2, 'lo'), 10)
  expect(reader.takeEvents()).toEqual([])
  reader.receive(start(), 20)
  expect(texts(reader.takeEvents())).toBe('Hello')
})

test('held pieces are let go after ten seconds', () => {
  reader.receive(piece(1, 1, 'Hel'), 0)
  reader.tick(UNKNOWN_HELD_MS)
  reader.receive(start(), UNKNOWN_HELD_MS + 1)
  expect(texts(reader.takeEvents())).toBe('')
})

test("a hole is asked for, once, after a moment's grace", () => {
  reader.receive(start(), 0)
  reader.receive(piece(1, 1, 'a'), 0)
  reader.receive(piece(3, 3, 'c'), 0)
  reader.tick(100)
  expect(reader.takeFrames()).toEqual([])
  reader.tick(150)
  reader.tick(200)
  expect(reader.takeFrames()).toEqual([{ type: 'resume', generation_id: 'gen1', epoch: 1, after: 1 }])
})

test('a hole that closes by itself is not asked for', () => {
  reader.receive(start(), 0)
  reader.receive(piece(2, 2, 'b'), 0)
  reader.receive(piece(1, 1, 'a'), 20)
  reader.tick(200)
  expect(reader.takeFrames()).toEqual([])
})

test('silence in an unfinished reply is asked about at 3 s, then ever more seldom up to 15 s', () => {
  reader.receive(start(), 0)
  const asked: number[] = []
  for (let now = 0; now <= 60_000; now += 250) {
    reader.tick(now)
    if (reader.takeFrames().some((frame) => frame.type === 'resume')) asked.push(now)
  }
  expect(asked[0]).toBe(SILENCE_MS)
  expect(asked.slice(1).map((at, i) => at - asked[i]!)).toEqual([6_000, 12_000, 15_000, 15_000])
})

test('a finished reply is left in peace', () => {
  reader.receive(start(), 0)
  reader.receive(piece(1, 1, 'a'), 0)
  reader.receive(end(1, 'a'), 0)
  expect(reader.nextDeadline()).toBeNull()
  expect(reader.takeEvents().at(-1)).toMatchObject({ type: 'ended', verified: true })
})

test("late copies of a finished reply's frames wake nothing", () => {
  reader.receive(start(), 0)
  reader.receive(piece(1, 1, 'a'), 0)
  reader.receive(end(1, 'a'), 0)
  reader.takeEvents()
  for (const frame of [start(), piece(1, 1, 'a'), snapshot(1, 'a'), end(1, 'a')]) reader.receive(frame, 1)
  expect(reader.takeEvents()).toEqual([])
  expect(reader.unfinished()).toEqual([])
})

test('after a reconnection every chat is followed with the revision that was seen', () => {
  reader.seen('chat1', 7)
  reader.disconnected()
  reader.connected(100)
  expect(reader.takeFrames()).toEqual([{ type: 'follow', chat_id: 'chat1', revision: 7 }])
})

test('a reply that ended while we were away is asked for at once', () => {
  reader.receive(start(), 0)
  reader.receive(piece(1, 1, 'a'), 0)
  reader.connected(100)
  reader.takeFrames()
  reader.receive({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: [] }, 120)
  expect(reader.takeFrames()).toEqual([{ type: 'resume', generation_id: 'gen1', epoch: 1, after: 1 }])
})

test('a chat that went on without us says so', () => {
  reader.receive({ type: 'following', chat_id: 'chat1', revision: 5, generation_ids: [] }, 0)
  expect(reader.takeEvents()).toEqual([{ type: 'following', chatId: 'chat1', revision: 5, behind: true }])
})

test('a generation known by REST that nobody ever heard of again is asked for', () => {
  reader.expect(facts({ epoch: 0 }), 0)
  reader.tick(SILENCE_MS)
  expect(reader.takeFrames()).toEqual([{ type: 'resume', generation_id: 'gen1', epoch: 0, after: 0 }])
})

test('handles of an old socket mean nothing on a new one', () => {
  reader.receive(start({ g: 'a' }), 0)
  reader.connected(100)
  reader.receive(start({ generation_id: 'gen2', g: 'a' }), 110)
  reader.receive(piece(1, 1, 'two'), 120)
  expect(reader.view('gen1')?.text).toBe('')
  expect(reader.view('gen2')?.text).toBe('two')
})

const tooFast = (retry_after_seconds: number | null = 2): RefusedFrame => ({
  type: 'error',
  code: 'quota_exceeded',
  message: 'That was too fast.',
  about: null,
  retry_after_seconds,
})

test('told that frames come too fast, it is silent as long as it was told to, then asks for what has no answer', () => {
  reader.follow('chat2', 5)
  reader.follow('chat3', 6)
  expect(reader.takeFrames()).toHaveLength(2)
  reader.receive({ type: 'following', chat_id: 'chat2', revision: 5, generation_ids: [] }, 0)
  reader.receive(tooFast(), 100)
  reader.receive(tooFast(), 200)
  reader.follow('chat4', 7)
  reader.tick(2_000)
  expect(reader.takeFrames()).toEqual([])
  expect(reader.nextDeadline()).toBe(2_100)
  reader.tick(2_100)
  expect(reader.takeFrames()).toEqual([
    { type: 'follow', chat_id: 'chat1', revision: 1 },
    { type: 'follow', chat_id: 'chat3', revision: 6 },
    { type: 'follow', chat_id: 'chat4', revision: 7 },
  ])
})

test('silence in a reply is asked about only when it may speak again', () => {
  reader.receive(start(), 0)
  reader.receive(tooFast(20), 0)
  for (let now = 0; now < 20_000; now += 500) {
    reader.tick(now)
    expect(reader.takeFrames()).toEqual([])
  }
  reader.tick(20_000)
  expect(reader.takeFrames()).toContainEqual({ type: 'resume', generation_id: 'gen1', epoch: 1, after: 0 })
})

test('a server that goes on refusing is left alone ever longer, until it answers', () => {
  const waits: number[] = []
  let now = 0
  for (let i = 0; i < 8; i++) {
    reader.receive(tooFast(), now)
    waits.push(reader.nextDeadline()! - now)
    now = reader.nextDeadline()!
    reader.tick(now)
    reader.takeFrames()
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, HUSH_MOST_MS, HUSH_MOST_MS, HUSH_MOST_MS])
  reader.receive({ type: 'following', chat_id: 'chat1', revision: 1, generation_ids: [] }, now)
  reader.receive(tooFast(), now)
  expect(reader.nextDeadline()! - now).toBe(2_000)
})

test('a stop that was refused is repeated, one that ended its turn is not, and meanwhile stops go another way', () => {
  reader.receive(start(), 0)
  reader.receive(start({ generation_id: 'gen2', turn_id: 'turn2', g: 'b' }), 0)
  expect(reader.stop('turn1')).toBe(true)
  expect(reader.stop('turn2')).toBe(true)
  reader.takeFrames()
  reader.receive(end(0, '', { generation_id: 'gen2', turn_id: 'turn2' }), 0)
  reader.receive(tooFast(), 0)
  expect(reader.stop('turn1')).toBe(false)
  reader.tick(2_000)
  expect(reader.takeFrames().filter(({ type }) => type === 'stop')).toEqual([{ type: 'stop', turn_id: 'turn1' }])
})

test('a new socket is spoken to at once, and other errors do not silence', () => {
  reader.receive(tooFast(30), 0)
  reader.disconnected()
  reader.connected(1_000)
  expect(reader.takeFrames()).toEqual([{ type: 'follow', chat_id: 'chat1', revision: 1 }])
  reader.receive(tooFast(null), 1_000)
  reader.follow('chat2', 1)
  expect(reader.takeFrames()).toHaveLength(1)
})
