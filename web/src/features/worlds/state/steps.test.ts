import { describe, expect, test } from 'vitest'
import { useHistory, type Step } from './history'
import { requestsOf } from './patches'

describe('changes of many', () => {
  test('that are the same go together, in pieces the server takes', () => {
    const patches = new Map(['1', '2', '3'].map((id) => [id, { disable: true }]))
    expect(requestsOf(patches, 2)).toEqual([
      { action: 'set', ids: ['1', '2'], entry: { disable: true } },
      { action: 'set', ids: ['3'], entry: { disable: true } },
    ])
  })

  test('that number the list go as runs', () => {
    const patches = new Map([
      ['7', { displayIndex: 4 }],
      ['2', { displayIndex: 3 }],
      ['9', { displayIndex: 8 }],
    ])
    expect(requestsOf(patches, 500)).toEqual([
      { action: 'number', ids: ['2', '7'], field: 'displayIndex', first: 3, step: 1 },
      { action: 'number', ids: ['9'], field: 'displayIndex', first: 8, step: 1 },
    ])
  })

  test('that give all one order are no run', () => {
    const patches = new Map(['1', '2'].map((id) => [id, { order: 50 }]))
    expect(requestsOf(patches, 500)).toEqual([{ action: 'set', ids: ['1', '2'], entry: { order: 50 } }])
  })

  test('of several fields that are alike go field by field where that takes fewer', () => {
    const patches = new Map(
      [0, 1, 2, 3, 4, 5].map((n) => [String(n), { position: n % 2, probability: n % 3 }] as [string, Record<string, number>]),
    )
    expect(requestsOf(patches, 500)).toHaveLength(5)
    expect(requestsOf(new Map([...patches].slice(0, 2)), 500)).toHaveLength(2)
  })

  test('that change nothing ask for nothing', () => {
    expect(requestsOf(new Map([['1', {}]]), 500)).toEqual([])
  })
})

describe('the way back', () => {
  const told: string[] = []
  const step = (name: string, joins?: string): Step => ({
    label: name,
    back: async () => told.push(`-${name}`),
    again: async () => told.push(`+${name}`),
    joins,
  })

  test('goes step by step, and forth again', async () => {
    const history = useHistory(() => 0)
    history.add(step('a'))
    history.add(step('b'))
    await history.undo()
    await history.undo()
    await history.redo()
    expect(told.splice(0)).toEqual(['-b', '-a', '+a'])
    expect(history.last.value?.label).toBe('a')
    expect(history.next.value?.label).toBe('b')
  })

  test('takes what was typed in one go as one step', async () => {
    let now = 0
    const history = useHistory(() => now)
    history.add(step('a', 'text'))
    now = 5_000
    history.add(step('b', 'text'))
    now = 100_000
    history.add(step('c', 'text'))
    await history.undo()
    await history.undo()
    expect(told.splice(0)).toEqual(['-c', '-a'])
    expect(history.last.value).toBeNull()
  })

  test('is lost forwards when something else is done', async () => {
    const history = useHistory(() => 0)
    history.add(step('a'))
    await history.undo()
    history.add(step('b'))
    expect(history.next.value).toBeNull()
  })
})
