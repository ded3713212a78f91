/** Where two versions of one preset differ, by what things are called. */
import type { useI18n } from 'vue-i18n'
import type { OpenPreset } from '@/api/schema'
import { plain, type Pair } from '@/state/pairs'
import { partsOf, placesOf, type Json } from './promptManager'
import { titleOf } from './titles'

type Words = ReturnType<typeof useI18n>
const TEXTS = ['main_prompt', 'post_history', 'continue_nudge', 'impersonation_prompt'] as const

export function presetPairs(mine: OpenPreset, theirs: OpenPreset, words: Pick<Words, 't' | 'te'>): Pair[] {
  const here = told(mine, words)
  const there = told(theirs, words)
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((label) => ({ label, mine: here.get(label) ?? '', theirs: there.get(label) ?? '' }))
    .filter((one) => one.mine !== one.theirs)
}

/** Everything a version says, by what it is called. */
function told(preset: OpenPreset, { t, te }: Pick<Words, 't' | 'te'>): Map<string, string> {
  const label = (key: string, otherwise: string) => (te(`presets.${key}`) ? t(`presets.${key}`) : otherwise)
  const found = new Map([[t('presets.name'), preset.name]])
  if (preset.kind === 'plain') {
    for (const name of TEXTS) found.set(t(`presets.${name}`), preset[name])
    for (const [name, value] of Object.entries(preset.samplers)) found.set(label(`sampler_${name}`, name), plain(value))
    return found
  }
  const file = preset.file as Json
  for (const part of partsOf(file)) {
    const { content, ...rest } = part
    found.set(titleOf(part, t), `${content ?? ''}\n${Object.entries(rest).map(([name, value]) => `${name}: ${plain(value)}`).join('\n')}`)
  }
  const names = new Map(partsOf(file).map((part) => [part.identifier, titleOf(part, t)]))
  const order = placesOf(file).map((one) => `${one.enabled ? '' : '– '}${names.get(one.identifier) ?? one.identifier}`)
  if (order.length) found.set(t('presets.order'), order.join('\n'))
  for (const [name, value] of Object.entries(file)) {
    if (name !== 'prompts' && name !== 'prompt_order') found.set(label(`field_${name}`, name), plain(value))
  }
  return found
}
