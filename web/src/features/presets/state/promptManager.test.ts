import { describe, expect, test } from 'vitest'
import { partsOf, placedAgain, placesOf, unplaced, withNewPart, withoutPart, withPart, withPlaces, type Json } from './promptManager'
import { moved } from '@/ui/ordering'

const FILE: Json = {
  odd: [1],
  prompts: [
    { identifier: 'main', name: 'Main', content: 'Be.', system_prompt: true, tomorrow: { kept: true } },
    { identifier: 'mine', name: 'Mine', content: 'Hm.', system_prompt: false },
    { identifier: 'chatHistory', marker: true },
    'nonsense',
  ],
  prompt_order: [
    { character_id: 100000, order: [{ identifier: 'main', enabled: true }] },
    {
      character_id: 100001,
      order: [
        { identifier: 'main', enabled: true, since: 3 },
        { identifier: 'mine', enabled: false },
      ],
    },
  ],
}

const ids = (file: Json) => placesOf(file).map((one) => one.identifier)

describe('the order', () => {
  test('is the list in use, else the legacy one', () => {
    expect(ids(FILE)).toEqual(['main', 'mine'])
    expect(ids({ prompt_order: [{ character_id: 100000, order: [{ identifier: 'a', enabled: true }] }] })).toEqual(['a'])
    expect(ids({ prompt_order: 'nonsense' })).toEqual([])
  })

  test('changes alone: other lists and unknown fields stay', () => {
    const { prompt_order } = withPlaces(FILE, moved(placesOf(FILE), 0, 1))
    expect(prompt_order).toEqual([
      (FILE.prompt_order as unknown[])[0],
      {
        character_id: 100001,
        order: [
          { identifier: 'mine', enabled: false },
          { identifier: 'main', enabled: true, since: 3 },
        ],
      },
    ])
  })

  test('is written into the list in use where only the legacy one was there', () => {
    const legacy = { prompt_order: [{ character_id: 100000, order: [{ identifier: 'a', enabled: true }] }] }
    const changed = { ...legacy, ...withPlaces(legacy, []) }
    expect((changed.prompt_order as unknown[]).length).toBe(2)
    expect(placesOf(changed)).toEqual([])
  })

  test.each([
    [0, 2, 'bca'],
    [2, 0, 'cab'],
    [1, 1, 'abc'],
    [0, 9, 'bca'],
  ])('moving %i to %i', (from, to, expected) => {
    expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(expected)
  })
})

describe('prompts', () => {
  test('keep what they say besides when one field changes', () => {
    const { prompts } = withPart(FILE, 'main', { content: 'New.' })
    expect(prompts).toContainEqual({ identifier: 'main', name: 'Main', content: 'New.', system_prompt: true, tomorrow: { kept: true } })
    expect((prompts as unknown[]).length).toBe(3)
  })

  test('that the order does not name can come back', () => {
    expect(unplaced(FILE).map((part) => part.identifier)).toEqual(['chatHistory'])
    expect(ids({ ...FILE, ...placedAgain(FILE, 'chatHistory') })).toEqual(['main', 'mine', 'chatHistory'])
  })

  test('of the person are made at the end and removed for good', () => {
    const made = { ...FILE, ...withNewPart(FILE, 'x', 'New') }
    expect(ids(made)).toEqual(['main', 'mine', 'x'])
    const part = partsOf(made).find((one) => one.identifier === 'x')!
    expect(part.system_prompt).toBe(false)
    const gone = { ...made, ...withoutPart(made, part) }
    expect(partsOf(gone).map((one) => one.identifier)).toEqual(['main', 'mine', 'chatHistory'])
  })

  test('that are built in leave the order only', () => {
    const gone = { ...FILE, ...withoutPart(FILE, partsOf(FILE)[0]!) }
    expect(ids(gone)).toEqual(['mine'])
    expect(partsOf(gone).map((one) => one.identifier)).toContain('main')
  })
})
