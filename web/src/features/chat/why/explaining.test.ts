/** A manifest in a reader's words. */
import { expect, test } from 'vitest'
import type { Block, LeftOut } from '@/api/schema'
import { inOrder, kindOf, sharesOf, Texts, titleOf, whyIn, whyOut, worldOf } from './explaining'

/** Tells the key and what is filled in, so that tests do not hang on wording. */
const t = (key: string, values?: Record<string, unknown>) => [key.replace('chat.why.', ''), ...Object.values(values ?? {})].join(' ')

const block = (source: string, more: Partial<Block> = {}): Block => ({
  source, title: '', tokens: 10, reason: 'order', detail: '', place: 0, start: 0, length: 0, ...more,
})
const out = (source: string, reason: string, detail = ''): LeftOut => ({ source, title: '', tokens: 0, reason, detail })

test.each([
  ['main', 'preset'],
  ['part:my-own', 'preset'],
  ['story', 'preset'],
  ['description', 'card'],
  ['card_note:wren', 'card'],
  ['persona', 'persona'],
  ['world:River:3', 'worlds'],
  ['world:4', 'worlds'],
  ['note', 'note'],
  ['example:2', 'examples'],
  ['history:s.4', 'history'],
  ['continue:s.4', 'history'],
  ['inject:dice', 'action'],
  ['quiet', 'action'],
])('%s belongs to %s', (source, kind) => {
  expect(kindOf(source)).toBe(kind)
})

test('the tokens of a kind add up, in one order, and kinds without any are left out', () => {
  const blocks = [block('history:a'), block('main'), block('history:b', { tokens: 5 }), block('world:River:1')]
  expect(sharesOf(blocks)).toEqual([
    { kind: 'preset', tokens: 10 },
    { kind: 'worlds', tokens: 10 },
    { kind: 'history', tokens: 15 },
  ])
})

test.each([
  [block('world:The: river:3', { title: 'Ferry' }), 'Ferry'],
  [block('world:River:3'), 'source.entry 3'],
  [block('history:s.1', { title: 'Ada' }), 'Ada'],
  [block('example:0'), 'source.example 1'],
  [block('part:own', { title: 'My rules' }), 'My rules'],
  [block('part:jailbreak'), 'source.post_history'],
  [block('part:nobody-knows'), 'nobody-knows'],
  [block('inject:dice'), 'source.inject dice'],
  [block('card:post_history'), 'source.of_card source.post_history'],
])('%o is called %s', (one, title) => {
  expect(titleOf(one, t)).toBe(title)
})

test('an entry names its world, whatever letters that has', () => {
  expect([worldOf('world:The: river:3'), worldOf('world:4'), worldOf('main')]).toEqual(['The: river', '', ''])
})

test.each([
  [out('world:R:1', 'no_key', 'boat, heron'), 'out.no_key boat, heron'],
  [out('world:R:1', 'delay', 'until message 9'), 'out.delay 9'],
  [out('world:R:1', 'recursion_only', 'level 2'), 'out.recursion_only 2'],
  [out('world:R:1', 'budget', '1,204 of 1,000 tokens'), 'out.world_budget 1,204 1,000'],
  [out('world:R:1', 'budget', 'no room was left'), 'out.world_full'],
  [out('history:s.1', 'budget'), 'out.budget '],
  [out('world:R:1', 'secondary', 'not_any'), 'out.secondary_not'],
  [out('world:R:1', 'secondary', 'and_all'), 'out.secondary_and'],
  [out('world:R:1', 'something new'), 'something new'],
])('%o is told', (one, words) => {
  expect(whyOut(one, t)).toBe(words)
})

test('why something is in is told with what woke it', () => {
  expect(whyIn(block('world:R:1', { reason: 'key', detail: 'oil' }), t)).toBe('in.key oil')
})

test('texts are found by letters as the server counts them, beyond the first plane of Unicode too', () => {
  const texts = new Texts([{ role: 'user', content: '🕯️🕯️ Light it. 🐉 Now.', name: null, source: '', tokens: 0, pictures: [] }])
  expect(texts.of(block('history:a', { start: 5, length: 9 }))).toBe('Light it.')
  expect(texts.of(block('history:a', { place: 7, start: 0, length: 9 }))).toBe('')
})

test('what was near to being in comes first', () => {
  const [empty, silent, missed] = [out('part:scenario', 'empty'), out('world:R:1', 'no_key'), out('world:R:2', 'chance')]
  const cut = out('history:s.1', 'budget')
  expect(inOrder([empty, silent, missed, cut])).toEqual([missed, cut, silent, empty])
})
