import { expect, test } from 'vitest'
import { moved, runsOf, type Standing } from './arranging'

const list = (...at: number[]): Standing[] => at.map((number, index) => ({ id: 'abcdefgh'[index]!, at: number }))
const sorted = (given: Standing[], changes: Standing[]) =>
  given
    .map((one) => changes.find((change) => change.id === one.id) ?? one)
    .sort((a, b) => a.at - b.at)
    .map((one) => one.id)
    .join('')

test.each([
  ['between two with room, one number changes', list(10, 20, 30, 40), 'd', 1, 'adbc', 1],
  ['up one place, two numbers change', list(1, 2, 3, 4), 'c', 1, 'acbd', 2],
  ['to the top, one number changes', list(1, 2, 3, 4), 'd', 0, 'dabc', 1],
  ['to the end, one number changes', list(1, 2, 3, 4), 'a', 4, 'bcda', 1],
  ['among equals, the shorter side gives way', list(100, 100, 100, 100), 'd', 1, 'adbc', 2],
  ['several together, in their order', list(10, 20, 30, 40), 'bd', 0, 'bdac', 2],
])('%s', (_, given, moving, to, wanted, changes) => {
  const found = moved(given, new Set(moving), to)
  expect(sorted(given, found)).toBe(wanted)
  expect(found).toHaveLength(changes)
})

test('what is put where it stands changes nothing', () => {
  expect(moved(list(1, 2, 3), new Set('b'), 1)).toEqual([])
  expect(moved(list(1, 2, 3), new Set('b'), 2)).toEqual([])
  expect(moved(list(1, 2, 3), new Set('x'), 0)).toEqual([])
})

test('changes are told as runs of evenly rising numbers', () => {
  expect(runsOf(list(1, 2, 3, 7, 9), 500)).toEqual([
    { ids: ['a', 'b', 'c'], first: 1, step: 1 },
    { ids: ['d', 'e'], first: 7, step: 2 },
  ])
  expect(runsOf(list(1, 2, 3), 2).map((run) => run.ids)).toEqual([['a', 'b'], ['c']])
})
