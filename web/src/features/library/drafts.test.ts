import { beforeEach, expect, test, vi } from 'vitest'
import type { BookEntry } from '@/api/schema'
import { exchanged, freshEntry } from './book'
import type { Draft } from './editing'
import { dropDraft, keepDraft, keptDraft } from './keptDraft'
import { inserted } from './removals'

const KEPT = { revision: 3, at: '2026-11-22T11:00:00Z', draft: { data: { name: 'Wren' }, tags: [] } as unknown as Draft }

beforeEach(() => localStorage.clear())

test('a draft waits on the device for its writer alone', () => {
  expect(keepDraft('ada', 'c1', KEPT)).toBe(true)
  expect(keptDraft('ada', 'c1')).toEqual(KEPT)
  expect(keptDraft('bob', 'c1')).toBeNull()
  dropDraft('ada', 'c1')
  expect(keptDraft('ada', 'c1')).toBeNull()
})

test('a device that keeps nothing is told', () => {
  vi.stubGlobal('localStorage', {
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
  })
  expect(keepDraft('ada', 'c1', KEPT)).toBe(false)
  vi.unstubAllGlobals()
})

test('what is no draft is not offered', () => {
  localStorage.setItem('tavern.card-draft.ada.c1', '{"revision": 3')
  expect(keptDraft('ada', 'c1')).toBeNull()
  localStorage.setItem('tavern.card-draft.ada.c1', '{"revision": 3}')
  expect(keptDraft('ada', 'c1')).toBeNull()
})

test('things come back where they were', () => {
  expect(inserted(['a', 'c'], 1, 'b')).toEqual(['a', 'b', 'c'])
})

test('an entry that moves up enters the prompt earlier and keeps what nobody here knows', () => {
  const entries = [
    { ...freshEntry([]), name: 'first', insertion_order: 10 },
    { ...freshEntry([]), name: 'second', insertion_order: 50, extensions: { depth: 4 }, strange: 'kept' },
  ] as BookEntry[]
  const next = exchanged(entries, 1, -1)
  expect(next.map((one) => [one.name, one.insertion_order])).toEqual([
    ['second', 10],
    ['first', 50],
  ])
  expect(next[0]).toMatchObject({ extensions: { depth: 4 }, strange: 'kept' })
})

test('a new entry comes last', () => {
  expect(freshEntry([]).insertion_order).toBe(100)
  expect(freshEntry([{ ...freshEntry([]), insertion_order: 700 }]).insertion_order).toBe(701)
})
