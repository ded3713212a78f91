import { describe, expect, test } from 'vitest'
import { asText, asValue } from './variables'

describe('values of variables', () => {
  test('a text stays a text, though it looks like a number', () => {
    expect(asValue('7', '6')).toBe('7')
    expect(asValue('7', undefined)).toBe('7')
  })

  test('a number and a list stay what they were', () => {
    expect(asValue('7', 6)).toBe(7)
    expect(asValue('[1,2]', [1])).toEqual([1, 2])
  })

  test('what is no JSON any more becomes a text', () => {
    expect(asValue('seven', 6)).toBe('seven')
  })

  test('lists are shown as JSON, nothing as nothing', () => {
    expect([asText([1, 'a']), asText(null), asText('x')]).toEqual(['[1,"a"]', '', 'x'])
  })
})
