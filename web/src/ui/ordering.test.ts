import { describe, expect, test } from 'vitest'
import { moved } from './ordering'

describe('arranging members', () => {
  test('one goes up or down and the others keep their order', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd'])
    expect(moved(['a', 'b', 'c', 'd'], 3, 0)).toEqual(['d', 'a', 'b', 'c'])
  })

  test('beyond the ends is at the ends', () => {
    expect(moved(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
  })

  test('what is not there is not moved', () => {
    expect(moved(['a', 'b'], 5, 0)).toEqual(['a', 'b'])
  })
})
