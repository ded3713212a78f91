import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gathered, type Words } from './i18n'
import { words as en } from './en'
import { words as zh } from './zh-CN'

const SOURCE = join(import.meta.dirname, '..')

function keysOf(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [before + key] : keysOf(value, `${before}${key}.`),
  )
}

function textOf(words: Words, key: string): string {
  return key.split('.').reduce<string | Words>((at, part) => (at as Words)[part]!, words) as string
}

function placesIn(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

const CODE = sources(SOURCE).join('\n')
const LITERALS = new Set([...CODE.matchAll(/['"`]([a-z_]+(?:\.[\w-]+)+)['"`]/g)].map((match) => match[1]!))
// `library.outcome_${…}` uses every key that begins so.
const BEGINNINGS = [...CODE.matchAll(/`([a-z_]+\.[\w.-]*)\$\{/g)].map((match) => match[1]!)

describe('the words of the page', () => {
  test('both languages have the same keys', () => {
    expect(keysOf(zh).sort()).toEqual(keysOf(en).sort())
  })

  test('both languages fill in the same places', () => {
    const differing = keysOf(en).filter((key) => String(placesIn(textOf(en, key))) !== String(placesIn(textOf(zh, key))))
    expect(differing).toEqual([])
  })

  test('no key is without a use', () => {
    const unused = keysOf(en).filter((key) => !LITERALS.has(key) && !BEGINNINGS.some((start) => key.startsWith(start)))
    expect(unused).toEqual([])
  })

  test('no use is without a key', () => {
    const areas = Object.keys(en)
    const known = new Set(keysOf(en))
    const used = [...CODE.matchAll(/\bt\(\s*['"]([\w.-]+)['"]/g)].map((match) => match[1]!)
    expect(used.filter((key) => areas.includes(key.split('.')[0]!) && !known.has(key))).toEqual([])
  })

  test('no word is empty', () => {
    for (const words of [en, zh]) expect(keysOf(words).filter((key) => !textOf(words, key).trim())).toEqual([])
  })

  test("a feature's words lie under its name, the shell's at the top", () => {
    const files = { './locales/en.json': { ui: { save: 'Save' } }, '../features/chat/locales/en.json': { send: 'Send' } }
    expect(gathered(files)).toEqual({ ui: { save: 'Save' }, chat: { send: 'Send' } })
  })
})
