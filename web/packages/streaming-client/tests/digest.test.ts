import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'

import { sha256 } from '../src/digest'

const texts = [
  '',
  'abc',
  'a'.repeat(55),
  'a'.repeat(56),
  'a'.repeat(63),
  'a'.repeat(64),
  'a'.repeat(119),
  '龙与灯 🐉'.repeat(999),
]

test.each(texts.map((text) => [text.length, text] as const))('the hash of %i units is that of OpenSSL', (_, text) => {
  expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
})
