import { describe, expect, test } from 'vitest'

import { ReplyAssembler } from '../src/assembler'
import type { DownFrame } from '../src/frames'
import { end, piece, snapshot } from './frames.builders'

function assemble(frames: DownFrame[], epoch = 1): ReplyAssembler {
  const reply = new ReplyAssembler()
  for (const frame of frames) {
    if (frame.type === 'd') reply.add(epoch, frame)
    if (frame.type === 'snapshot') reply.addSnapshot(frame)
    if (frame.type === 'end') reply.finish(frame)
  }
  return reply
}

describe('pieces become the text, whatever way they come', () => {
  test.each<[string, DownFrame[]]>([
    ['in order', [piece(1, 1, 'ab'), piece(2, 3, 'cd'), piece(4, 4, 'e')]],
    ['twice', [piece(1, 1, 'ab'), piece(1, 1, 'ab'), piece(2, 3, 'cd'), piece(2, 3, 'cd'), piece(4, 4, 'e')]],
    ['backwards', [piece(4, 4, 'e'), piece(2, 3, 'cd'), piece(1, 1, 'ab')]],
    ['merged over a seam that is known', [piece(1, 1, 'ab'), piece(2, 3, 'cd'), piece(2, 4, 'cde')]],
    ['as one piece after its parts were held', [piece(3, 3, 'd'), piece(2, 4, 'cde'), piece(1, 1, 'ab')]],
    ['over a snapshot', [piece(1, 1, 'ab'), snapshot(3, 'abcd'), piece(4, 4, 'e')]],
    ['with an old snapshot after them', [piece(1, 1, 'ab'), piece(2, 4, 'cde'), snapshot(1, 'ab')]],
    ['held until a snapshot closes the hole', [piece(4, 4, 'e'), snapshot(3, 'abcd')]],
    [
      'with a snapshot in parts, the last first',
      [snapshot(4, 'cde', { part: 2, parts: 2 }), snapshot(4, 'ab', { part: 1, parts: 2 })],
    ],
  ])('%s', (_, frames) => {
    const reply = assemble([...frames, end(4, 'abcde')])
    expect(reply.text).toBe('abcde')
    expect(reply.ended?.verified).toBe(true)
  })
})

test('an overlap without a known seam is a hole, not a guess', () => {
  const reply = assemble([piece(1, 2, 'abc'), piece(2, 3, 'cd')])
  expect(reply.text).toBe('abc')
  expect(reply.hasHole).toBe(true)
  reply.add(1, piece(3, 3, 'd'))
  expect(reply.text).toBe('abcd')
  expect(reply.hasHole).toBe(false)
})

test('text and reasoning of one piece are cut each at its own seam', () => {
  const reply = new ReplyAssembler()
  reply.add(1, piece(1, 1, '', { r: 'hm' }))
  reply.add(1, piece(1, 2, 'A', { r: 'hm so' }))
  expect([reply.text, reply.reasoning]).toEqual(['A', 'hm so'])
})

test('a higher epoch begins anew and a lower one is not heard any more', () => {
  const reply = assemble([piece(1, 1, 'old')])
  const outcome = reply.add(2, piece(1, 1, 'new'))
  expect(outcome).toMatchObject({ replaced: true, text: 'new' })
  reply.add(1, piece(2, 2, 'zombie'))
  reply.finish(end(1, 'old', { epoch: 1 }))
  expect(reply.text).toBe('new')
  expect(reply.ended).toBeNull()
})

test('a snapshot that does not begin with what was shown replaces it', () => {
  const reply = assemble([piece(1, 1, 'abc')])
  expect(reply.addSnapshot(snapshot(2, 'xyz'))).toMatchObject({ replaced: true, text: 'xyz' })
})

test('a snapshot that goes on from what was shown appends', () => {
  const reply = assemble([piece(1, 1, 'abc')])
  expect(reply.addSnapshot(snapshot(2, 'abcde'))).toMatchObject({ replaced: false, text: 'de' })
})

test('a stored text that is not ours must be fetched', () => {
  const reply = assemble([piece(1, 1, 'abc '), end(1, 'abc', { changed: true })])
  expect(reply.ended?.verified).toBe(false)
})

test('an end ahead of its pieces waits for them', () => {
  const reply = assemble([piece(1, 1, 'a'), end(3, 'abc')])
  expect(reply.ended).toBeNull()
  expect(reply.hasHole).toBe(true)
  reply.add(1, piece(2, 3, 'bc'))
  expect(reply.ended?.verified).toBe(true)
})

test('when the answer to two questions is the end alone, the log has aged out and the message must be fetched', () => {
  const reply = assemble([piece(1, 1, 'a'), end(3, 'abc')])
  for (const verified of [undefined, false]) {
    reply.asked()
    reply.finish(end(3, 'abc'))
    expect(reply.ended?.verified).toBe(verified)
  }
})

test('a continued message is checked with the text it goes on from', () => {
  const reply = new ReplyAssembler('Once ')
  reply.add(1, piece(1, 1, 'upon'))
  reply.finish(end(1, 'Once upon'))
  expect(reply.ended?.verified).toBe(true)
})

test('an empty reply ends', () => {
  expect(assemble([end(0, '')]).ended?.verified).toBe(true)
})
