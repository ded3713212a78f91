import { expect, test } from 'vitest'
import { marked } from './marked'

test('a text is taken apart where something was found, by letters and not by halves of them', () => {
  expect(marked('😀 a b', [{ start: 2, end: 3 }])).toEqual([
    { text: '😀 ', hit: false },
    { text: 'a', hit: true },
    { text: ' b', hit: false },
  ])
})

test('matches of nothing mark nothing, and all of the text stays', () => {
  expect(marked('ab', [{ start: 0, end: 0 }, { start: 1, end: 1 }]).map((part) => part.text).join('')).toBe('ab')
})
