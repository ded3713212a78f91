// @vitest-environment jsdom
import { createApp, defineComponent, h } from 'vue'
import { beforeEach, expect, test } from 'vitest'
import { AppProblem } from '@/api/http'
import { useSavedForm } from './savedForm'

interface Note {
  revision: number
  text: string
  place: string
  depth: number
}

let there: Note
let held: Note | null

function form() {
  let made!: ReturnType<typeof useSavedForm<Note, Partial<Omit<Note, 'revision'>>>>
  createApp(
    defineComponent({
      setup() {
        made = useSavedForm<Note, Partial<Omit<Note, 'revision'>>>({
          name: 'note',
          held: () => held,
          send: async (revision, change) => {
            if (revision !== there.revision) throw new AppProblem('conflict', 'No.', { status: 409, details: { theirs: { ...there } } })
            return (there = { ...there, ...change, revision: revision + 1 })
          },
          took: (fresh) => (held = fresh),
          blank: { text: 'nothing yet' },
          labels: () => ({ text: 'Text', place: 'Place' }),
          say: (name, value) => (name === 'place' ? `at ${String(value)}` : undefined),
        })
        return () => h('p')
      },
    }),
  ).mount(document.createElement('div'))
  return made
}

beforeEach(() => {
  localStorage.clear()
  there = { revision: 1, text: 'Calm.', place: 'in_chat', depth: 4 }
  held = { ...there }
})

test('a field shows what is there, then what was typed, and writes it', async () => {
  const { field, flush } = form()
  const text = field('text')
  expect(text.value).toBe('Calm.')
  text.value = 'Wild.'
  expect(text.value).toBe('Wild.')
  await flush()
  expect(there).toMatchObject({ revision: 2, text: 'Wild.', depth: 4 })
})

test('a number whose field was emptied is not written', async () => {
  const { number, flush, state } = form()
  const depth = number('depth')
  depth.value = null
  await flush()
  expect([depth.value, state.value, there.revision]).toEqual([4, 'clean', 1])
})

test('what is blank is shown until something came', () => {
  held = null
  expect(form().field('text').value).toBe('nothing yet')
})

test('a conflict shows the fields that differ, as the form calls them', async () => {
  const { field, flush, pairs, settle } = form()
  there = { ...there, revision: 2, text: 'Dark.', place: 'after_main', depth: 9 }
  field('text').value = 'Wild.'
  field('place').value = 'nowhere'
  await flush()
  expect(pairs.value).toEqual([
    { label: 'Text', mine: 'Wild.', theirs: 'Dark.' },
    { label: 'Place', mine: 'at nowhere', theirs: 'at after_main' },
  ])
  await settle(true)
  expect(there).toMatchObject({ revision: 3, text: 'Wild.', place: 'nowhere', depth: 9 })
})
