// @vitest-environment jsdom
import { createApp, defineComponent, h } from 'vue'
import { beforeEach, describe, expect, test } from 'vitest'
import { AppProblem } from '@/api/http'
import { useKeptEditing } from './keptEditing'

interface Thing {
  id: string
  revision: number
  name: string
}

let there: Thing
let offline: boolean

async function write(_: string, revision: number, fields: { name: string }): Promise<Thing> {
  await Promise.resolve()
  if (offline) throw new AppProblem('network', 'No.', { status: 0 })
  if (revision !== there.revision) throw new AppProblem('conflict', 'No.', { status: 409 })
  there = { ...there, ...fields, revision: revision + 1 }
  return { ...there }
}

/** A page that edits the thing. */
function page() {
  let made!: ReturnType<typeof useKeptEditing<Thing, { name: string }>>
  const app = createApp(
    defineComponent({
      setup() {
        const read = () => Promise.resolve({ ...there })
        made = useKeptEditing({ name: 'thing', fields: ({ name }: Thing) => ({ name }), write, read, keep: () => undefined })
        return () => h('p')
      },
    }),
  )
  app.mount(document.createElement('div'))
  return made
}

beforeEach(() => {
  localStorage.clear()
  there = { id: 't1', revision: 1, name: 'before' }
  offline = false
})

describe('a thing in the hand', () => {
  test('is written on the revision it was taken up with', async () => {
    const one = page()
    await one.take(there)
    one.draft.value!.name = 'after'
    expect(one.state.value).toBe('dirty')
    await one.save()
    expect([one.state.value, there, localStorage.length]).toEqual(['clean', { id: 't1', revision: 2, name: 'after' }, 0])
  })

  test('lies on the device while it cannot be written, and the next visit goes on with it', async () => {
    const one = page()
    await one.take(there)
    offline = true
    one.draft.value!.name = 'after'
    await one.save()
    expect(one.state.value).toBe('failed')
    offline = false
    const again = page()
    await again.take(there)
    expect([again.state.value, there.name, localStorage.length]).toEqual(['clean', 'after', 0])
  })

  test.each([
    [true, 'mine'],
    [false, 'theirs'],
  ])('shows both versions when it was changed elsewhere (mine stays: %s)', async (mine, name) => {
    const one = page()
    await one.take(there)
    there = { id: 't1', revision: 2, name: 'theirs' }
    one.draft.value!.name = 'mine'
    await one.save()
    expect([one.state.value, one.theirs.value?.name]).toEqual(['conflict', 'theirs'])
    await one.settle(mine)
    expect([one.state.value, one.draft.value?.name, there.name, localStorage.length]).toEqual(['clean', name, name, 0])
  })

  test('what an earlier visit left does not go over what was written meanwhile', async () => {
    const one = page()
    await one.take(there)
    one.draft.value!.name = 'mine'
    there = { id: 't1', revision: 2, name: 'theirs' }
    const again = page()
    await again.take(there)
    expect([again.state.value, again.theirs.value?.name, again.draft.value?.name]).toEqual(['conflict', 'theirs', 'mine'])
  })
})
