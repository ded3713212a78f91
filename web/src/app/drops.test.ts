import { afterEach, expect, test } from 'vitest'
import { guardDrops } from './drops'

guardDrops()

function letGo(types: string[]): Event {
  const event = Object.assign(new Event('drop', { bubbles: true, cancelable: true }), { dataTransfer: { types, dropEffect: 'copy' } })
  document.body.dispatchEvent(event)
  return event
}

afterEach(() => document.body.replaceChildren())

test('a file let go beside its place does not take the page away', () => {
  expect(letGo(['Files']).defaultPrevented).toBe(true)
})

test('words are dragged as ever', () => {
  expect(letGo(['text/plain']).defaultPrevented).toBe(false)
})
