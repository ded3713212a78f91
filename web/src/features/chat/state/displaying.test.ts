import { describe, expect, test } from 'vitest'
import { displayed, type DisplayScript } from './displaying'

const script = (more: Partial<DisplayScript>): DisplayScript => ({
  find: '', replace: '', trim: [], places: ['reply'], macros: 'none', depth_least: null, depth_most: null, ...more,
})
const shown = (text: string, scripts: DisplayScript[], depth = 0, place: 'reply' | 'user_input' = 'reply') =>
  displayed({ text, place, depth, scripts, names: { user: 'Robin', char: 'Te.a' } })

describe('scripts for the display', () => {
  test('replace what they find, with groups, names and the whole match', () => {
    expect(shown('a1 b2', [script({ find: '/([a-z])(\\d)/g', replace: '$2$1<{{match}}>{{user}}' })])).toBe('1a<a1>Robin 2b<b2>Robin')
    expect(shown('a1', [script({ find: '/(?<letter>[a-z])/', replace: '$<letter>$<none>$9!' })])).toBe('a!1')
  })
  test('run one after another, for their places and depths only', () => {
    expect(shown('a', [script({ find: 'a', replace: 'b' }), script({ find: 'b', replace: 'c' })])).toBe('c')
    expect(shown('a', [script({ find: 'a', replace: 'b' })], 0, 'user_input')).toBe('a')
    expect(shown('a', [script({ find: 'a', replace: 'b', depth_most: 2 })], 3)).toBe('a')
  })
  test('take macros in a pattern literally if they say so', () => {
    expect(shown('Texa Te.a', [script({ find: '/{{char}}/g', replace: '-', macros: 'escaped' })])).toBe('Texa -')
  })
  test('leave the text when they are no pattern', () => {
    expect(shown('a(', [script({ find: '/(/', replace: '' })])).toBe('a(')
  })
  test('take trim strings out of what they put in', () => {
    expect(shown('**a**', [script({ find: '/.+/s', replace: '[$0]', trim: ['**'] })])).toBe('[a]')
  })
})
