import { expect, test } from 'vitest'
import type { TriedEntry } from '@/api/schema'
import { isSilent, reasonOf, silentOf } from './trial'

const t = (key: string, named: Record<string, unknown> = {}) => `${key} ${Object.values(named).join()}`.trim()

function tried(reason: string, detail = '', uid = 1): TriedEntry {
  return { source: 'global', world_id: 'w', world: 'Coast', uid, title: '', wakes: false, reason, detail, tokens: 0 }
}

test.each([
  ['key', 'dragon', 'worlds.verdict_key dragon'],
  ['secondary', 'not_any', 'worlds.verdict_secondary_by worlds.logic_not_any'],
  ['secondary', 'exclude_keys', 'worlds.verdict_secondary'],
  ['cooldown', 'until message 12', 'worlds.verdict_cooldown 12'],
  ['character', '1m82', 'worlds.verdict_character'],
  ['something_new', '', 'something_new'],
])('%s (%s) is told as %s', (reason, detail, words) => expect(reasonOf(tried(reason, detail), t)).toBe(words))

test('what nothing called stands together by its reason', () => {
  const entries = [tried('chance', '', 1), tried('no_key', '', 2), tried('disabled', '', 3), tried('no_key', '', 4)]
  expect(silentOf(entries).map((group) => [group.reason, group.entries.map((one) => one.uid)])).toEqual([
    ['no_key', [2, 4]],
    ['disabled', [3]],
  ])
  expect(entries.filter((one) => !isSilent(one)).map((one) => one.uid)).toEqual([1])
})
