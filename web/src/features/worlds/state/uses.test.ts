import { expect, test } from 'vitest'
import { usesOf } from './uses'

test('a world tells who has it: characters and personas by name, chats by number', () => {
  const uses = [
    { thing_id: 'c1', world_ids: ['w1', 'w2'] },
    { thing_id: 'p1', world_ids: ['w1'] },
    { thing_id: 'h1', world_ids: ['w1'] },
    { thing_id: 'h2', world_ids: ['w1'] },
  ]
  const found = usesOf(uses, [{ id: 'p1', name: 'Ada' }], [{ id: 'c1', name: 'Wren' }])
  expect(found.get('w1')).toEqual({ characters: [{ id: 'c1', name: 'Wren' }], personas: [{ id: 'p1', name: 'Ada' }], chats: 2 })
  expect(found.get('w2')).toEqual({ characters: [{ id: 'c1', name: 'Wren' }], personas: [], chats: 0 })
})
