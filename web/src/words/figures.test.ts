import { afterEach, describe, expect, test } from 'vitest'
import { ago, bytes, number } from './figures'
import { i18n } from './i18n'

const NOON = Date.parse('2026-11-22T12:00:00Z')

afterEach(() => {
  i18n.global.locale.value = 'en'
})

describe('times', () => {
  test.each([
    ['2026-11-22T11:59:40Z', 'now'],
    ['2026-11-22T11:55:00Z', '5 minutes ago'],
    ['2026-11-22T09:00:00Z', '3 hours ago'],
    ['2026-11-21T11:00:00Z', 'yesterday'],
  ])('%s is %s', (instant, words) => expect(ago(instant, NOON)).toBe(words))

  test('follow the language of the page', () => {
    i18n.global.locale.value = 'zh-CN'
    expect(ago('2026-11-22T11:55:00Z', NOON)).toBe('5分钟前')
  })
})

test.each([
  [0, '0 bytes'],
  [871_076, '871 kB'],
  [1_500_000, '1.5 MB'],
  [2_000_000_000, '2 GB'],
])('%i bytes are %s', (count, words) => expect(bytes(count)).toBe(words))

test('large numbers are grouped', () => {
  expect(number(5_000_000)).toBe('5,000,000')
})
