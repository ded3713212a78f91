import { expect, test } from 'vitest'
import { ref } from 'vue'
import { useChoosing } from './choosing'

const made = () => useChoosing(ref(['a', 'b', 'c', 'd', 'e']))

test('a range goes from where it began, and shrinks again', () => {
  const choosing = made()
  choosing.toggle('b')
  choosing.through('d')
  expect(choosing.meant()).toEqual(['b', 'c', 'd'])
  choosing.through('c')
  expect(choosing.meant()).toEqual(['b', 'c'])
})

test('the arrows walk, with Shift they take along', () => {
  const choosing = made()
  choosing.step(1)
  expect(choosing.at.value).toBe('a')
  choosing.step(1)
  choosing.step(1, true)
  choosing.step(1, true)
  expect(choosing.meant()).toEqual(['b', 'c', 'd'])
  choosing.step(-1, true)
  expect(choosing.meant()).toEqual(['b', 'c'])
})

test('they stop at the ends', () => {
  const choosing = made()
  choosing.step(-1)
  expect(choosing.at.value).toBe('e')
  choosing.step(20)
  expect(choosing.at.value).toBe('e')
  const fresh = made()
  fresh.step(5)
  expect(fresh.at.value).toBe('e')
})

test('without a choice a deed is meant for the row the keys are at', () => {
  const choosing = made()
  expect(choosing.meant()).toEqual([])
  choosing.go('c')
  expect(choosing.meant()).toEqual(['c'])
  choosing.all()
  expect(choosing.meant()).toHaveLength(5)
})
