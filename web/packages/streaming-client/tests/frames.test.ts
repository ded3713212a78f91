import { expect, test } from 'vitest'

import { parseFrame } from '../src/frames'

test.each([
  ['no JSON', '{'],
  ['a number', '7'],
  ['a list', '[]'],
  ['an unknown type', '{"type":"later"}'],
  ['a type from the prototype', '{"type":"constructor"}'],
  ['a piece without a range', '{"type":"d","g":"a","x":"hi"}'],
  ['a piece that runs backwards', '{"type":"d","g":"a","n":[3,2],"x":"hi"}'],
  ['a piece numbered zero', '{"type":"d","g":"a","n":[0,1],"x":"hi"}'],
  ['text that is none', '{"type":"d","g":"a","n":[1,1],"x":5}'],
  [
    'an end without a hash',
    '{"type":"end","generation_id":"g","turn_id":"t","chat_id":"c","epoch":1,"seq":1,"finish_reason":"stop"}',
  ],
])('%s is ignored', (_, text) => {
  expect(parseFrame(text)).toBeNull()
})

test('what a server leaves out has its default', () => {
  expect(parseFrame('{"type":"d","g":"a","n":[1,2],"x":"hi"}')).toEqual({
    type: 'd',
    g: 'a',
    n: [1, 2],
    x: 'hi',
    r: '',
  })
  expect(parseFrame('{"type":"d","g":"a","n":[1,2],"x":null,"r":"hm"}')).toMatchObject({ x: '', r: 'hm' })
})

test('fields of a newer server are kept and harm nothing', () => {
  expect(parseFrame('{"type":"pong","at":5}')).toEqual({ type: 'pong', at: 5 })
})
