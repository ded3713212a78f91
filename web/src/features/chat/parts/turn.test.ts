// @vitest-environment jsdom
/** What a turn draws while a reply comes: Vue renders nothing, words are appended to the page. */
import { createPinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createApp, defineComponent, h, nextTick, ref, shallowRef, type App } from 'vue'
import { createI18n } from 'vue-i18n'
import words from '../locales/en.json'
import { DEEDS, type Deeds } from '../state/deeds'
import { LiveReply } from '../state/reply'
import { CAST, type Cast } from '../state/speaker'
import { Story, STORY, type Row } from '../state/story'
import TurnView from './TurnView.vue'

let app: App
let updates = 0
let frames: FrameRequestCallback[] = []
let time = 0

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => frames.push(run))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  vi.spyOn(performance, 'now').mockImplementation(() => time)
})

beforeEach(() => {
  updates = 0
  frames = []
})

afterEach(() => app.unmount())

function frame(milliseconds: number): void {
  time += milliseconds
  for (const run of frames.splice(0)) run(time)
}

function shown(live: LiveReply): HTMLElement {
  const row: Row = { key: 'm1', message: null, live, unsent: null }
  const story = new Story('c1', { onEnded: () => {}, onImpersonated: () => {} })
  const nobody = ref({ name: 'Mirelle', picture: null, accent: null })
  const cast: Cast = { personas: shallowRef([]), persona: ref(null), locks: shallowRef({}), character: nobody, user: nobody, of: () => nobody.value }
  const root = defineComponent(() => () =>
    h(TooltipProvider, null, () =>
      h(TurnView, { row, last: true, editing: false, layout: 'book', allowed: { outsideMedia: false, heldLabel: () => '', plainLabel: () => '' } }),
    ),
  )
  app = createApp(root)
  app.use(createPinia())
  app.use(createI18n({ legacy: false, locale: 'en', messages: { en: { chat: words, ui: { again: 'Again' } } } }))
  app.provide(STORY, story)
  app.provide(DEEDS, {} as Deeds)
  app.provide(CAST, cast)
  app.mixin({ updated: () => (updates += 1) })
  const box = document.createElement('div')
  app.mount(box)
  return box
}

const reply = () => new LiveReply('g1', 't1', 'reply', 'c1', 'm1')

test('a thousand deltas render nothing, and every word is there', async () => {
  const live = reply()
  const box = shown(live)
  live.add('Once', '')
  await nextTick()
  frame(400)
  const before = updates
  for (let i = 0; i < 1000; i++) {
    live.add(` word${i}`, '')
    frame(16)
    if (i % 50 === 0) await nextTick()
  }
  frame(400)
  await nextTick()
  expect(updates).toBe(before)
  expect(box.querySelector('.prose.live')?.textContent?.trim()).toBe(live.text)
})

test('text that begins anew replaces what was drawn', async () => {
  const live = reply()
  const box = shown(live)
  live.add('An old attempt', '')
  frame(400)
  live.replace('A new one', '')
  await nextTick()
  expect(box.querySelector('.prose.live')?.textContent?.trim()).toBe('A new one')
})

test('a failure is told where the reply would stand, with a way on', async () => {
  const live = reply()
  const box = shown(live)
  live.state.error = { code: 'provider_failed', message: 'Nothing answers there.' }
  live.state.phase = 'failed'
  await nextTick()
  expect(box.querySelector('[role=alert]')?.textContent).toContain('Nothing answers there.')
  expect(box.querySelector('[role=alert] button')).not.toBeNull()
})
