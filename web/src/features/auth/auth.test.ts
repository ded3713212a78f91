import { describe, expect, test } from 'vitest'
import { afterwards, deviceName } from './arrival'
import { isEmail, nameFault } from './rules'

describe('after signing in', () => {
  test('one comes to the page one wanted', () => {
    expect(afterwards('/chats/7?x=1')).toBe('/chats/7?x=1')
  })

  test.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)'])(
    'nobody is led away to %s',
    (to) => {
      expect(afterwards(to)).toEqual({ name: 'library' })
    },
  )
})

test.each([
  ['A', 'short'],
  ['x'.repeat(41), 'long'],
  ['-dash', 'signs'],
  ['a<b', 'signs'],
  ['Ada', null],
  ["O'Brien-Łukasz", null],
  ['沈青梧', null],
])('the name %s is told: %s', (name, fault) => {
  expect(nameFault(name)).toBe(fault)
})

test('an address has two sides', () => {
  expect(isEmail('ada@example.org')).toBe(true)
  expect(isEmail('ada@')).toBe(false)
  expect(isEmail('a da@example.org')).toBe(false)
})

test('a device is called by its browser and system', () => {
  expect(deviceName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36')).toBe('Chrome, Linux')
  expect(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1')).toBe('Safari, iOS')
  expect(deviceName('curl')).toBe('Browser')
})
