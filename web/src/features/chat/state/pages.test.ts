import { expect, test } from 'vitest'
import type { Message } from '@/api/schema'
import { cutAt, showsAll, withBack, withMessage, withNewest, without, withOlder } from './pages'

function message(id: string, text = id, revision = 1): Message {
  return { id, chat_id: 'c', role: 'user', name: 'Ada', text, reasoning: '', hidden: false, character_id: null, swipe_index: 0, swipe_count: 1, reply: null, tokens: null, counted_by: null, revision, created_at: '2026-01-01T00:00:00Z', edited_at: null, deleted_at: null, extra: {} }
}
const ids = (known: { messages: Message[] }) => known.messages.map((one) => one.id).join('')
const known = { messages: ['a', 'b', 'c', 'd'].map((id) => message(id)), before: 'x' }

test('new messages are added to what is known, and the way up is kept', () => {
  const next = withNewest(known, { messages: [message('c'), message('d'), message('e')], before: 'c' })
  expect(ids(next)).toBe('abcde')
  expect(next.before).toBe('x')
})

test('a message that says the same is the same object', () => {
  const next = withNewest(known, { messages: [message('c'), message('d', 'edited', 2)], before: 'c' })
  expect(next.messages[2]).toBe(known.messages[2])
  expect(next.messages[3]?.text).toBe('edited')
})

test('what another device deleted is gone', () => {
  expect(ids(withNewest(known, { messages: [message('b'), message('d')], before: 'b' }))).toBe('abd')
})

test('without anything in common the newest page is all there is', () => {
  expect(ids(withNewest(known, { messages: [message('y'), message('z')], before: 'y' }))).toBe('yz')
})

test('an older page comes above, each message once', () => {
  const next = withOlder(known, { messages: [message('1'), message('2'), message('a')], before: null })
  expect(ids(next)).toBe('12abcd')
  expect(next.before).toBeNull()
})

test('one message is replaced, added or taken away', () => {
  expect(withMessage(known, message('b', 'B')).messages[1]?.text).toBe('B')
  expect(ids(withMessage(known, message('e')))).toBe('abcde')
  expect(ids(without(known, 'b'))).toBe('acd')
})

test('a cut takes a message and all below it', () => {
  const cut = cutAt(known, 'c')
  expect(ids(cut.known)).toBe('ab')
  expect(cut.gone.map((one) => one.id)).toEqual(['c', 'd'])
  expect(cutAt(known, 'nowhere').gone).toEqual([])
})

test('what was cut off comes back behind the message it followed', () => {
  const { known: left, gone } = cutAt(known, 'c')
  expect(ids(withBack(left, gone, 'b')!)).toBe('abcd')
  expect(ids(withBack(without(known, 'b'), [message('b')], 'a')!)).toBe('abcd')
  expect(ids(withBack(without(known, 'a'), [message('a')], null)!)).toBe('abcd')
})

test('what came back already is there once', () => {
  expect(ids(withBack(known, [message('c'), message('d')], 'b')!)).toBe('abcd')
})

test('without the message it followed nothing says where it belongs', () => {
  expect(withBack(known, [message('y')], 'x')).toBeNull()
})

test('only what is known below a message counts as seen', () => {
  expect(showsAll(known, [message('c'), message('d')], 'c')).toBe(true)
  expect(showsAll(known, known.messages, 'c')).toBe(true)
  expect(showsAll(known, [message('c'), message('d', 'edited', 2)], 'c')).toBe(false)
  expect(showsAll(known, [message('c'), message('d'), message('e')], 'c')).toBe(false)
  expect(showsAll(known, [message('d')], 'c')).toBe(false)
})
