import { describe, expect, test } from 'vitest'
import { FRESH } from '@/lore/entry'
import { facetsOf, narrowed, NO_FILTER, rowsOf, shownOf, type Entry } from './listing'

let last = 0

function entry(fields: Partial<Entry> = {}): Entry {
  last += 1
  return { ...FRESH, id: `e${last}`, revision: 1, uid: last, folder: '', rank: last, length: 0, ...fields }
}

const titles = (entries: readonly Entry[]) => entries.map((one) => one.title)

describe('a filter', () => {
  const dragon = entry({ title: 'Dragon', keys: ['wyrm'], content: 'It sleeps under the hill.', group_text: 'beasts, fire' })
  const inn = entry({ title: 'Inn', constant: true, place: 'after', folder: 'Places' })
  const ghost = entry({ title: 'Ghost', disabled: true, vectorized: true, order: 5 })
  const all = [dragon, inn, ghost]

  test.each([
    ['title, keys and content, each word somewhere', { search: 'HILL wyrm' }, ['Dragon']],
    ['what is on', { status: 'on' as const }, ['Dragon', 'Inn']],
    ['what is off', { status: 'off' as const }, ['Ghost']],
    ['constant ones', { strategy: 'constant' as const }, ['Inn']],
    ['those that wake by meaning', { strategy: 'vector' as const }, ['Ghost']],
    ['a place', { place: 'after' as const }, ['Inn']],
    ['one of several groups', { group: 'fire' }, ['Dragon']],
    ['a folder', { folder: 'Places' }, ['Inn']],
    ['no folder', { folder: '' }, ['Dragon', 'Ghost']],
  ])('looks at %s', (_, filter, found) => {
    expect(titles(shownOf(all, { ...NO_FILTER, ...filter }, 'arranged'))).toEqual(found)
  })

  test('says that it narrows', () => {
    expect(narrowed(NO_FILTER)).toBe(false)
    expect(narrowed({ ...NO_FILTER, search: ' ' })).toBe(false)
    expect(narrowed({ ...NO_FILTER, folder: '' })).toBe(true)
  })

  test('tells what there is to choose from', () => {
    const { groups, folders, places } = facetsOf(all)
    expect(groups).toEqual([
      { name: 'beasts', count: 1 },
      { name: 'fire', count: 1 },
    ])
    expect(folders).toEqual([{ name: 'Places', count: 1 }])
    expect(places.get('before')).toBe(2)
  })

  test('of the prompt puts the higher order lower', () => {
    expect(titles(shownOf(all, NO_FILTER, 'prompt'))).toEqual(['Ghost', 'Dragon', 'Inn'])
  })
})

describe('folders', () => {
  const loose = entry({ title: 'Loose' })
  const town = entry({ title: 'Town', folder: 'Places' })
  const hill = entry({ title: 'Hill', folder: 'Places' })
  const cat = entry({ title: 'Cat', folder: 'Beasts' })
  const all = [loose, town, cat, hill]

  test('have headings, by name, after what lies in none', () => {
    const rows = rowsOf(all, new Set(), true)
    expect(rows.map((row) => (row.kind === 'folder' ? `${row.folder} ${row.count}` : row.entry.title))).toEqual([
      'Loose',
      'Beasts 1',
      'Cat',
      'Places 2',
      'Town',
      'Hill',
    ])
  })

  test('that are shut show nothing of what is in them', () => {
    expect(rowsOf(all, new Set(['Places']), true).map((row) => row.id)).not.toContain(town.id)
  })

  test('are no headings where there are none, or where the order goes across them', () => {
    expect(rowsOf([loose], new Set(), true).map((row) => row.kind)).toEqual(['entry'])
    expect(rowsOf(all, new Set(), false)).toHaveLength(4)
  })
})

test('one of ten thousand is found', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => entry({ title: `Entry ${n}`, keys: [`key${n}`], content: 'word '.repeat(60) }))
  expect(titles(shownOf(many, { ...NO_FILTER, search: 'key9999' }, 'title'))).toEqual(['Entry 9999'])
})
