/** Every note that the server writes while it reads a card has its sentence in other languages. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { i18n, speak } from '@/words/i18n'
import { inOurWords } from './notes'

const SERVER = join(import.meta.dirname, '../../../../chalicelib')
const sources = [
  ...readdirSync(join(SERVER, 'cards')).filter((name) => name.endsWith('.py')).map((name) => join(SERVER, 'cards', name)),
  join(SERVER, 'services/card_files.py'),
]
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')
const WRITTEN = /(?:notes\.append\(|_note\(notes, |\bMENDED_LETTERS = |\*found\.notes, )f?"([^"]+)"/g
const notes = [...sources.matchAll(WRITTEN)].map((match) => match[1]!.replace(/(\{[^}]+\})+/g, 'data.name'))

test('every note of the server is told in Chinese', async () => {
  await speak('zh-CN')
  expect(notes.length).toBeGreaterThan(8)
  expect(notes.filter((note) => /[A-Za-z]+ [a-z]+/.test(inOurWords(note)))).toEqual([])
})

test('several notes are told one behind the other', async () => {
  await speak('zh-CN')
  expect(inOurWords("The card has no name; the file's was taken. The field data.tags has a form that cannot be read and was left out.")).toBe(
    '角色卡没有名字，已采用文件名。字段 data.tags 的格式无法读取，已略去。',
  )
})

test('an English reader gets the words of the server', async () => {
  await speak('en')
  expect(i18n.global.locale.value).toBe('en')
  expect(inOurWords('The portrait was left out. It is too large.')).toBe('The portrait was left out. It is too large.')
})
