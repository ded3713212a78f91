import { describe, expect, test } from 'vitest'
import type { OpenPreset } from '@/api/schema'
import { changed, difference } from './editing'
import { biasOf, samplersOf, stopsOf, withBias, withSamplers, withStops } from './fileFields'

const FILE = { temperature: 0.7, top_k: 0, seed: -1, openai_max_context: 4095, openai_max_tokens: 300, reasoning_effort: 'max', odd: 1 }

describe('samplers of a chat file', () => {
  test('are shown as the sliders want them', () => {
    expect(samplersOf(FILE)).toMatchObject({ temperature: 0.7, top_k: 0, top_p: null, seed: null, context_tokens: 4095, reasoning_effort: 'high' })
  })

  test('only what differs is set', () => {
    expect(withSamplers(FILE, samplersOf(FILE))).toEqual({})
    expect(withSamplers(FILE, { ...samplersOf(FILE), temperature: 1.1 })).toEqual({ temperature: 1.1 })
    expect(withSamplers(FILE, { ...samplersOf(FILE), temperature: null, seed: 5 })).toEqual({ temperature: undefined, seed: 5 })
  })

  test('names of settings are written where the file has them', () => {
    const settings = { temp_openai: 0.5, temperature: 1 }
    expect(samplersOf(settings).temperature).toBe(0.5)
    expect(withSamplers(settings, { ...samplersOf(settings), temperature: 0.9 })).toEqual({ temp_openai: 0.9 })
  })
})

test('stop texts lie beside other extensions', () => {
  const file = { extensions: { regex_scripts: [1] } }
  const set = withStops(file, ['###'])
  expect(set).toEqual({ extensions: { regex_scripts: [1], tavernai_plus: { stop: ['###'] } } })
  expect(stopsOf(set)).toEqual(['###'])
})

test('a bias is that of the chosen list, and the others stay', () => {
  const file = { bias_preset_selected: 'b', bias_presets: { a: [1], b: [{ text: 'x', value: '3', id: 'q' }] } }
  expect(biasOf(file)).toEqual([{ text: 'x', value: 3, id: 'q' }])
  expect(withBias(file, [])).toEqual({ bias_preset_selected: 'b', bias_presets: { a: [1], b: [] } })
})

describe('an edit', () => {
  const preset = (file: Record<string, unknown>, more: Partial<OpenPreset> = {}): OpenPreset => ({
    id: 'p',
    name: 'P',
    kind: 'chat',
    folds: false,
    scripts: 0,
    samplers: {},
    main_prompt: '',
    post_history: '',
    continue_nudge: '',
    impersonation_prompt: '',
    created_at: '',
    updated_at: '',
    revision: 1,
    file,
    ...more,
  })

  test('sends the fields that changed, and names those that went', () => {
    const before = preset({ a: [1], b: 2, c: 3 })
    const after = preset({ a: [1], b: 4, d: 5 }, { name: ' Q ' })
    const change = difference(before, after)
    expect(change).toEqual({ name: 'Q', fields: { b: 4, d: 5 }, without: ['c'] })
    expect(changed(before, change).file).toEqual(after.file)
  })

  test('of a plain preset sends its texts', () => {
    const plain = preset({}, { kind: 'plain' })
    expect(difference(plain, { ...plain, main_prompt: 'Hm.' })).toEqual({ main_prompt: 'Hm.' })
  })
})
