import { describe, expect, test } from 'vitest'
import type { QuickReply, QuickSet } from '@/api/schema'
import { clicked } from './quick'

const reply = (message: string, more: Partial<QuickReply> = {}) => ({ message, is_script: false, ...more }) as QuickReply
const set = (more: Partial<QuickSet> = {}) => ({ only_insert: false, before_input: false, with_input: false, ...more }) as QuickSet

describe('a quick reply', () => {
  test('is sent as it is, and what was typed stays in the composer', () => {
    expect(clicked(set(), reply('I nod.'), 'half a tho')).toEqual({ text: 'I nod.', sends: true, taken: false })
  })
  test('takes what was typed along, before or after its words', () => {
    expect(clicked(set({ with_input: true }), reply('I nod.'), 'Well.')).toEqual({ text: 'Well. I nod.', sends: true, taken: true })
    expect(clicked(set({ with_input: true, before_input: true }), reply('I nod.'), 'Well.').text).toBe('I nod. Well.')
  })
  test('puts what was typed where its words name it, dollar signs and all', () => {
    expect(clicked(set(), reply('I say "{{input}}".'), '$& 5').text).toBe('I say "$& 5".')
  })
  test('of a set that only inserts is not sent', () => {
    expect(clicked(set({ only_insert: true }), reply('I nod.'), 'Well.')).toEqual({ text: 'Well. I nod.', sends: false, taken: true })
  })
  test('made of commands is put into the composer and never sent', () => {
    expect(clicked(set(), reply('/roll 2d6', { is_script: true }), '')).toEqual({ text: '/roll 2d6', sends: false, taken: true })
  })
})
