/** Every code of an error that the server knows has a sentence here, for readers of other languages than English. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Words } from './i18n'
import { words as en } from './en'
import { words as zh } from './zh-CN'

const SERVER = join(import.meta.dirname, '../../../chalicelib')
// The class of all errors; nothing is raised with it.
const NEVER_SEEN = ['error']

const sources = (readdirSync(SERVER, { recursive: true }) as string[])
  .filter((name) => name.endsWith('.py'))
  .map((name) => readFileSync(join(SERVER, name), 'utf8'))
  .join('\n')
const codes = [...new Set([...sources.matchAll(/\bcode ?= ?"([a-z_]+)"/g)].map((match) => match[1]!))]

test.each([
  ['en', en],
  ['zh-CN', zh],
])('%s has a sentence for every code', (_, words: Words) => {
  const known = words.problems as Words
  expect(codes.length).toBeGreaterThan(40)
  expect(codes.filter((code) => !NEVER_SEEN.includes(code) && !(code in known))).toEqual([])
})
