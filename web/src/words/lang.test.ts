import { expect, test } from 'vitest'
import { langOf } from './lang'

test.each([
  ['“It’s late,” she says.', 'en'],
  ['“你好，”她说。', 'zh-CN'],
  ['“Wren，你来了。”', 'zh-CN'],
  ['The inn is called 酒馆, and it never closes.', 'en'],
  ['灯がともる。', undefined],
  ['“… 12!”', undefined],
  ['', undefined],
])('%s is set as %s', (text, lang) => {
  expect(langOf(text)).toBe(lang)
})
