import { expect, test } from 'vitest'
import { FRESH } from '@/lore/entry'
import type { Entry } from './listing'
import { reasonOf, silentOf } from './trial'

const t = (key: string, named: Record<string, unknown> = {}) => `${key} ${Object.values(named).join()}`.trim()
const told = (verdict: string, detail = '') => reasonOf({ uid: 1, active: false, verdict, detail, tokens: 0 }, t)

test.each([
  ['key', 'dragon', 'worlds.verdict_key dragon'],
  ['secondary', 'not_any', 'worlds.verdict_secondary_by worlds.logic_not_any'],
  ['secondary', 'exclude_keys', 'worlds.verdict_secondary'],
  ['cooldown', 'until message 12', 'worlds.verdict_cooldown 12'],
  ['character', '1m82', 'worlds.verdict_character'],
  ['something_new', '', 'something_new'],
])('%s (%s) is told as %s', (verdict, detail, words) => expect(told(verdict, detail)).toBe(words))

test('what the server does not name was called by nothing', () => {
  const entry = (uid: number, fields: Partial<Entry>): Entry => ({ ...FRESH, id: String(uid), uid, revision: 1, folder: '', rank: uid, length: 0, ...fields })
  const all = [entry(1, { keys: ['a'] }), entry(2, { keys: ['b'] }), entry(3, {}), entry(4, { disabled: true })]
  const trial = { entries: [{ uid: 1, active: true, verdict: 'key', detail: 'a', tokens: 3 }], tokens: 3, budget: 100, others: 0 }
  expect(silentOf(all, trial).map((group) => [group.verdict, group.entries.map((one) => one.uid)])).toEqual([
    ['no_key', [2]],
    ['no_keys', [3]],
    ['disabled', [4]],
  ])
})
