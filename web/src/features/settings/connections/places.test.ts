import { expect, test } from 'vitest'
import type { ProviderInfo } from '@/api/schema'
import { placesOf } from './places'

const provider = (kind: ProviderInfo['kind'], more: Partial<ProviderInfo> = {}): ProviderInfo => ({
  kind,
  title: kind,
  address: '',
  needs_key: false,
  local: false,
  offered: true,
  ...more,
})

test('the demo is no service one can add', () => {
  expect(placesOf([provider('demo')])).toEqual([])
})

test('a kind that is not offered takes its places along', () => {
  expect(placesOf([provider('openai_chat', { offered: false }), provider('anthropic')]).map((one) => one.id)).toEqual(['anthropic'])
})

test('what runs on this machine comes last', () => {
  const ids = placesOf([provider('koboldcpp', { local: true }), provider('openai_chat')]).map((one) => one.id)
  expect(ids.slice(0, 2)).toEqual(['openai_chat', 'openrouter'])
  expect(ids.slice(-3)).toEqual(['koboldcpp', 'ollama', 'lmstudio'])
})
