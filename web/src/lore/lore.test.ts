import { describe, expect, test } from 'vitest'
import type { BookEntry } from '@/api/schema'
import { fieldsOf, withFields } from './bookEntry'
import { asStrategy, FRESH, strategyOf, touched } from './entry'
import { changesInFile, readEntry, readLight } from './fileEntry'
import { insidePattern, keysIn } from './keys'

const OF_A_CARD: BookEntry = {
  keys: ['lamp'],
  content: 'The lamp never goes out.',
  extensions: { position: 4, role: 1, depth: 2, selectiveLogic: 3, sticky: 5, match_scenario: true, strange: { deep: 1 } },
  enabled: false,
  insertion_order: 7,
  case_sensitive: null,
  use_regex: true,
  constant: null,
  name: 'Lamp',
  priority: 3,
  id: 12,
  comment: 'The lamp',
  selective: true,
  secondary_keys: ['night'],
  position: 'after_char',
  foreign: 'kept',
}

describe('the entry of a card', () => {
  test('is read as a world\'s', () => {
    expect(fieldsOf(OF_A_CARD)).toMatchObject({
      title: 'The lamp',
      place: 'in_chat',
      role: 'user',
      depth: 2,
      logic: 'and_all',
      sticky: 5,
      matches: ['scenario'],
      disabled: true,
      order: 7,
    })
  })

  test('stays as it came when nothing was changed', () => {
    expect(withFields(OF_A_CARD, fieldsOf(OF_A_CARD))).toEqual(OF_A_CARD)
  })

  test('changes where it was edited and keeps all else', () => {
    const next = withFields(OF_A_CARD, { ...fieldsOf(OF_A_CARD), place: 'before', cooldown: 3, matches: ['persona'], disabled: false })
    expect(next).toEqual({
      ...OF_A_CARD,
      enabled: true,
      position: 'before_char',
      extensions: { ...OF_A_CARD.extensions, position: 0, cooldown: 3, match_scenario: false, match_persona_description: true },
    })
  })
})

describe('the entry of a file', () => {
  const file = {
    uid: 3,
    comment: 'Lamp',
    key: ['lamp'],
    position: 7,
    outletName: 'top',
    order: '12',
    delayUntilRecursion: true,
    characterFilter: { isExclude: true, names: ['Wren'], tags: [] },
    matchScenario: true,
    useGroupScoring: null,
    strange: 1,
  }

  test('is read in our words, with what it does not say filled in', () => {
    expect(readEntry(file)).toEqual({
      ...FRESH,
      selective: false,
      use_probability: false,
      title: 'Lamp',
      keys: ['lamp'],
      place: 'outlet',
      outlet: 'top',
      order: 12,
      delay_until_recursion: 1,
      filter: { excludes: true, names: ['Wren'], tags: [] },
      matches: ['scenario'],
    })
  })

  test('gets back only what was changed, in its own words', () => {
    const before = readEntry(file)
    expect(changesInFile(before, before)).toEqual({})
    expect(
      changesInFile(before, { ...before, place: 'in_chat', role: 'assistant', matches: [], filter: null, sticky: 4, title: 'The lamp' }),
    ).toEqual({
      position: 4,
      role: 2,
      matchScenario: false,
      characterFilter: { isExclude: false, names: [], tags: [] },
      sticky: 4,
      comment: 'The lamp',
    })
  })

  // As chalicelib/presetfiles/worlds.py reads it for the engine.
  test('throws no chance, looks at no further keys and goes nowhere where it does not say so', () => {
    const silent = { selective: false, use_probability: false, place: 'nowhere' }
    expect(readEntry({ key: ['lamp'] })).toMatchObject(silent)
    expect(readEntry({ key: ['lamp'], probability: 40 })).toMatchObject({ ...silent, probability: 40 })
    expect(readEntry({ selective: null, useProbability: 'yes', position: '' })).toMatchObject(silent)
    expect(readEntry({ selective: true, useProbability: true, probability: 40, position: 0 })).toMatchObject({
      selective: true,
      use_probability: true,
      probability: 40,
      place: 'before',
    })
  })

  test('that throws a chance without saying which one loses it, and shows that', () => {
    expect(readEntry({ useProbability: true })).toMatchObject({ use_probability: true, probability: 0 })
    expect(readEntry({ useProbability: true, probability: 'often' })).toMatchObject({ use_probability: true, probability: 0 })
  })

  test('says its chance from the moment it is thrown', () => {
    const silent = readEntry({})
    expect(changesInFile(silent, { ...silent, use_probability: true })).toEqual({ useProbability: true, probability: 100 })
  })

  test('that came light is read as the whole one', () => {
    expect(readLight({ comment: 'Lamp' })).toEqual({ ...FRESH, title: 'Lamp' })
    expect(readLight({ comment: 'Lamp', probability: 40, selective: null, useProbability: null, position: null })).toEqual(
      readEntry({ comment: 'Lamp', probability: 40 }),
    )
  })

  test('of a strange kind is read as far as it goes', () => {
    expect(readEntry({ key: 'a, b', order: 'high', position: 99, sticky: 'x' })).toMatchObject({
      keys: ['a', 'b'],
      order: 100,
      place: 'nowhere',
      sticky: null,
    })
  })
})

test('a constant entry is constant, whatever it is besides', () => {
  expect(strategyOf({ constant: true, vectorized: true })).toBe('constant')
  expect(asStrategy('vector')).toEqual({ constant: false, vectorized: true })
})

test('a part of the sheet tells how many of its fields differ from fresh ones', () => {
  expect(touched(FRESH, 'time')).toBe(0)
  expect(touched({ ...FRESH, sticky: 0, delay: 2 }, 'time')).toBe(2)
})

test.each([
  ['dragon, wyrm', ['dragon', 'wyrm']],
  ['龙，火', ['龙', '火']],
  ['/a{1,3}/i, b', ['/a{1,3}/i', 'b']],
  ['/a\\/b,c/', ['/a\\/b,c/']],
  ['/not closed, b', ['/not closed', 'b']],
  [' , ', []],
])('%s holds the keys %j', (text, keys) => expect(keysIn(text)).toEqual(keys))

test('a comma inside a pattern belongs to it', () => {
  expect(insidePattern('/a{1')).toBe(true)
  expect(insidePattern('/a{1,3}/i')).toBe(false)
  expect(insidePattern('dragon')).toBe(false)
})
