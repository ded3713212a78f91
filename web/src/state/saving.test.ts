// @vitest-environment jsdom
import { createApp, defineComponent, h } from 'vue'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppProblem } from '@/api/http'
import { useSaving } from './saving'

interface Thing {
  revision: number
  name: string
  colour: string
}

let there: Thing
let held: Thing
let atOnce = 0
let most = 0

/** A server that is slow, counts who is at it, and refuses stale writes. */
async function send(revision: number, change: Partial<Thing>): Promise<Thing> {
  atOnce++
  most = Math.max(most, atOnce)
  await new Promise((resolve) => setTimeout(resolve, 5))
  atOnce--
  if (revision !== there.revision) throw new AppProblem('conflict', 'No.', { status: 409, details: { theirs: { ...there } } })
  there = { ...there, ...change, revision: revision + 1 }
  return { ...there }
}

function saving() {
  let made!: ReturnType<typeof useSaving<Thing, Partial<Thing>>>
  const app = createApp(
    defineComponent({
      setup() {
        made = useSaving<Thing, Partial<Thing>>({ name: 'thing', held: () => held, send, took: (fresh) => (held = fresh) })
        return () => h('p')
      },
    }),
  )
  app.mount(document.createElement('div'))
  return { made, leave: () => app.unmount() }
}

beforeEach(() => {
  localStorage.clear()
  there = { revision: 1, name: 'a', colour: 'red' }
  held = { ...there }
  most = 0
})
afterEach(() => localStorage.clear())

describe('changes that save themselves', () => {
  test('one write at a time, however many ask for it', async () => {
    const { made } = saving()
    made.change({ name: 'b' })
    const first = made.flush()
    made.change({ colour: 'blue' })
    await Promise.all([first, made.flush(), made.flush(), made.flush()])
    expect(most).toBe(1)
    expect(there).toEqual({ revision: 3, name: 'b', colour: 'blue' })
    expect(made.state.value).toBe('clean')
  })

  test('a stale write shows both, and mine goes over theirs when I say so', async () => {
    const { made } = saving()
    there = { revision: 2, name: 'theirs', colour: 'red' }
    made.change({ name: 'mine' })
    await made.flush()
    expect([made.state.value, made.theirs.value?.name]).toEqual(['conflict', 'theirs'])
    await made.settle(true)
    expect([made.state.value, there.name]).toEqual(['clean', 'mine'])
  })

  test('what is there already as I want it is no conflict', async () => {
    const { made } = saving()
    there = { revision: 2, name: 'mine', colour: 'red' }
    made.change({ name: 'mine' })
    await made.flush()
    expect([made.state.value, held.revision]).toEqual(['clean', 2])
  })

  test('what was not saved is kept on the device, and saved by the next visit', async () => {
    const first = saving()
    first.made.change({ name: 'kept' })
    const again = saving()
    await again.made.flush()
    expect(there.name).toBe('kept')
    expect(localStorage.length).toBe(0)
  })

  test('what an earlier visit left does not go over what was written meanwhile', async () => {
    saving().made.change({ name: 'kept' })
    there = { revision: 2, name: 'theirs', colour: 'red' }
    held = { ...there }
    const again = saving()
    await again.made.flush()
    expect([again.made.state.value, there.name]).toEqual(['conflict', 'theirs'])
    await again.made.settle(true)
    expect([again.made.state.value, there.name]).toEqual(['clean', 'kept'])
  })
})
