import { expect, test } from 'vitest'
import { named, paragraphsOf } from './story'

test('speech and action are set apart from the rest', () => {
  expect(paragraphsOf('*She waits.* "Come in," she says.')).toEqual([
    [
      { kind: 'action', text: 'She waits.' },
      { kind: 'plain', text: ' ' },
      { kind: 'speech', text: '"Come in,"' },
      { kind: 'plain', text: ' she says.' },
    ],
  ])
})

test('Chinese quotation marks are speech', () => {
  expect(paragraphsOf('“你来了。”她说。')[0]![0]).toEqual({ kind: 'speech', text: '“你来了。”' })
})

test('an empty line ends a paragraph, whatever the line ends are', () => {
  expect(paragraphsOf('one\r\n\r\ntwo\n\n\nthree')).toHaveLength(3)
})

test('markup stays text', () => {
  expect(paragraphsOf('<img src=x onerror=alert(1)>')).toEqual([[{ kind: 'plain', text: '<img src=x onerror=alert(1)>' }]])
})

test('names take the place of the two macros', () => {
  expect(named('{{Char}} meets {{user}}; <BOT> bows.', { char: 'Wen', user: 'Ada' })).toBe('Wen meets Ada; Wen bows.')
})
